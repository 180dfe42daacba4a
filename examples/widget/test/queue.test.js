import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { Queue } from '../src/queue.js';
import { expectEqual } from './expect.js';

const parent = mkdtempSync(join(tmpdir(), 'widget-queue-'));
after(() => rmSync(parent, { recursive: true }));

describe('queue/order', () => {
  let queue;
  beforeEach((context) => {
    queue = new Queue(join(parent, context.name.replaceAll(' ', '-')));
  });

  it('takes out what was put in', () => {
    queue.add('bolt');
    expectEqual(queue.take(), 'bolt');
  });

  it('an empty queue gives nothing', () => {
    expectEqual(queue.take(), null);
  });

  it('drains in order', () => {
    for (let number = 1; number <= 12; number++) queue.add(`widget ${number}`);
    expectEqual(queue.drain().slice(-3), ['widget 10', 'widget 11', 'widget 12']);
  });

  it('is empty once drained', () => {
    queue.add('nut');
    queue.drain();
    expectEqual(queue.size, 0);
  });

  it('counts its entries', () => {
    queue.add('nut');
    queue.add('bolt');
    expectEqual(queue.size, 2);
  });
});
