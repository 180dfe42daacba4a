import { expect, test } from 'vitest';
import { readConfig } from '../../config/load.ts';
import { fileSectionOf } from '../../config/schema.ts';
import { publishDocument } from '../../schema/publish.ts';
import { formatProblems } from '../../schema/yaml/problems.ts';
import { DRIVERS } from '../all.ts';
import { createInstantProvider } from './instant.ts';
import { instantDriver } from './instant-driver.ts';

const TEXT = `providers:
  far:
    driver: instant
    password: \${PASSWORD}
    limits: {cores: 8}
    nodes:
      - {labels: jammy, limits: {cores: 2, memory: 1GiB}}
  here: {driver: local, nodes: [{labels: noble}]}
`;

test('a second driver is one exported value: what it adds is read, normalised, opened and published', () => {
  const drivers = [...DRIVERS, instantDriver((name) => createInstantProvider(name))];
  const { config, errors } = readConfig(TEXT, 'groundcrew.yaml', { PASSWORD: 'hunter2' }, drivers);
  expect(errors).toEqual([]);
  const far = config?.providers.far;
  expect(far).toMatchObject({ driver: 'instant', options: { password: 'hunter2' }, limits: { cores: 8 } });
  expect(far?.nodes.map(({ options }) => options)).toEqual([{ cores: 2, memory_bytes: 2 ** 30 }]);
  const provider = drivers.find(({ name }) => name === far?.driver)?.open('far', far?.options ?? {}, {} as never);
  expect(provider?.amount(far?.nodes[0]?.options ?? {})).toEqual({ nodes: 1, cores: 2, memory_bytes: 2 ** 30 });
  const published = JSON.stringify(publishDocument(fileSectionOf(drivers), 'Groundcrew configuration'));
  expect(published).toContain('"password"');
  expect(JSON.stringify(publishDocument(fileSectionOf(DRIVERS), 'Groundcrew configuration'))).not.toContain(
    '"password"',
  );
});

test('who has not got it says which drivers there are', () => {
  const { errors } = readConfig(TEXT, 'groundcrew.yaml', { PASSWORD: 'hunter2' }, DRIVERS);
  expect(formatProblems(errors).join('\n')).toMatch(/providers\.far\.driver: .*local/);
  expect(formatProblems(errors).join('\n')).not.toContain('hunter2');
});
