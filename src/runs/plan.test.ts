import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkOrder, fitsProject, type HoldQuestion, planDependant, planHold, planRetry } from './plan.ts';
import { RUN_VERDICTS, type RunVerdict } from './state.ts';

const anyVerdict = fc.constantFrom(...RUN_VERDICTS);

describe('holds', () => {
  const question: HoldQuestion = {
    run_id: 977,
    project: 'acme/widget',
    submitted_by: 'maria',
    judgement: { verdict: 'failed', reason: '1 test failed' },
    job_rule: null,
    rules: [{ on: 'failure', project: 'acme/*', for_ms: 1000, at_most: 2 }],
    live_holds: new Map(),
  };

  it('keeps a failed run its node, by the rule of the job or of the configuration', () => {
    expect(planHold(question)).toEqual({
      owner: 'maria',
      reason: 'run 977 failed: 1 test failed',
      duration_ms: 1000,
      rule: { name: 'acme/*', at_most: 2 },
    });
    const job_rule = { owner: 'tom', duration_ms: 5, keys: [] };
    expect(planHold({ ...question, job_rule, rules: [] })?.owner).toBe('tom');
    expect(planHold({ ...question, rules: [] })).toBeNull();
    expect(planHold({ ...question, project: 'other/widget' })).toBeNull();
  });

  it('takes the first rule of the configuration that names the project, with its budget', () => {
    const rules = [
      { on: 'failure', project: 'other/*', for_ms: 5, at_most: 1 },
      { on: 'failure', project: '**', for_ms: 7, at_most: 3 },
      { on: 'failure', project: 'acme/*', for_ms: 9, at_most: 9 },
    ] as const;
    expect(planHold({ ...question, rules })).toMatchObject({ duration_ms: 7, rule: { name: '**', at_most: 3 } });
    const full = new Map([['**', 3]]);
    expect(planHold({ ...question, rules, live_holds: full })).toMatchObject({ rule: { name: 'acme/*' } });
    const none = new Map([...full, ['acme/*', 9]]);
    expect(planHold({ ...question, rules, live_holds: none })).toMatchObject({ rule: { name: '**' } });
  });

  it('keeps nothing of runs that say nothing about the machine', () => {
    fc.assert(
      fc.property(anyVerdict, (verdict) => {
        const held = planHold({ ...question, judgement: { verdict, reason: 'why' } }) !== null;
        expect(held).toBe(verdict === 'failed' || verdict === 'timeout');
      }),
    );
  });

  it('reads globs part by part', () => {
    expect(fitsProject('acme/*', 'acme/widget')).toBe(true);
    expect(fitsProject('acme/*', 'acme/deep/widget')).toBe(false);
    expect(fitsProject('acme/**', 'acme/deep/widget')).toBe(true);
    expect(fitsProject('a.c/?', 'abc/x')).toBe(false);
    expect(fitsProject('acme', 'acme/widget')).toBe(false);
  });
});

describe('retries', () => {
  it('are for infra alone, bounded, and never after a cancel', () => {
    fc.assert(
      fc.property(
        anyVerdict,
        fc.integer({ min: 1, max: 5 }),
        fc.nat(4),
        fc.boolean(),
        (verdict, attempt, retries, cancel) => {
          const again = planRetry({ verdict, attempt, retries, cancel_requested: cancel });
          expect(again).toBe(verdict === 'infra' && !cancel && attempt <= retries);
        },
      ),
    );
  });
});

describe('after:', () => {
  const earlier = (...verdicts: (RunVerdict | null)[]) =>
    verdicts.map((verdict, index) => ({
      job: `job${index}`,
      environment: 'jammy',
      verdict,
      reason: null,
      began: true,
    }));

  it('starts a job when all before it passed, and skips it when one cannot pass any more', () => {
    fc.assert(
      fc.property(fc.array(fc.option(anyVerdict), { minLength: 1, maxLength: 4 }), (verdicts) => {
        const { action } = planDependant(earlier(...verdicts));
        if (verdicts.some((verdict) => verdict !== null && verdict !== 'passed')) expect(action).toBe('skip');
        else expect(action).toBe(verdicts.includes(null) ? 'wait' : 'queue');
      }),
    );
    expect(planDependant(earlier('passed', 'timeout'))).toEqual({
      action: 'skip',
      reason: 'it comes after jammy job1, which timed out',
    });
  });

  it('says of a job that no node could run that it never ran', () => {
    const bad = { job: 'test (ham)', environment: 'ham', verdict: 'infra' as const };
    const reason = 'no node can run it: no node type carries nobel';
    expect(planDependant([{ ...bad, reason, began: false }])).toEqual({
      action: 'skip',
      reason: 'it comes after test (ham), which never ran: no node can run it: no node type carries nobel',
    });
    expect(planDependant([{ ...bad, reason: 'its results could not be read', began: true }])).toEqual({
      action: 'skip',
      reason: 'it comes after test (ham), which ended as infra: its results could not be read',
    });
  });

  it('finds unknown names and circles', () => {
    const job = (name: string, ...after: string[]) => ({ name, after });
    expect(checkOrder([job('a'), job('a'), job('b', 'a'), job('c', 'a', 'b')])).toEqual({ unknown: [], circle: [] });
    expect(checkOrder([job('a', 'x')]).unknown).toEqual(['x']);
    expect(checkOrder([job('a', 'a')]).circle).toEqual(['a']);
    expect(checkOrder([job('z', 'a'), job('a', 'b'), job('b', 'c'), job('c', 'a')]).circle).toEqual(['a', 'b', 'c']);
  });

  it('never refuses jobs that only look back', () => {
    const jobs = fc.array(fc.array(fc.nat(20), { maxLength: 3 }), { minLength: 1, maxLength: 12 }).map((lists) =>
      lists.map((list, index) => ({
        name: `${index}`,
        after: index === 0 ? [] : list.map((other) => `${other % index}`),
      })),
    );
    fc.assert(
      fc.property(jobs, (list) => {
        expect(checkOrder(list)).toEqual({ unknown: [], circle: [] });
      }),
    );
  });
});
