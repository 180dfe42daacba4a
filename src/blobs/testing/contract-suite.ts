import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { systemRandom } from '../../base/random.ts';
import type { Blobs } from '../contract.ts';

function sha256(data: Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}

async function keys(blobs: Blobs, prefix = ''): Promise<string[]> {
  const found: string[] = [];
  for await (const key of blobs.list(prefix)) found.push(key);
  return found;
}

async function read(blobs: Blobs, key: string, range?: { start: number; end?: number }): Promise<Buffer> {
  return buffer(await blobs.get(key, range));
}

type Open = () => Promise<Blobs>;

/** What every object store must do; `open` answers an empty one. */
export function blobsContract(name: string, open: Open): void {
  describe(`contract: ${name}`, () => {
    storing(open);
    refusing(open);
    listing(open);
  });
}

function storing(open: Open): void {
  test('what is put is there, whole, with its size and hash, and replaced as a whole', async () => {
    const blobs = await open();
    const data = systemRandom.bytes(100_000);
    const stored = { size_bytes: data.length, sha256: sha256(data) };
    expect(await blobs.put('logs/1', data)).toEqual(stored);
    expect(await blobs.put('logs/2', Readable.from([data.subarray(0, 7), data.subarray(7)]), stored)).toEqual(stored);
    expect((await read(blobs, 'logs/1')).equals(data)).toBe(true);
    expect((await read(blobs, 'logs/2')).equals(data)).toBe(true);
    expect(await blobs.head('logs/2')).toMatchObject({ size_bytes: data.length });
    await blobs.put('logs/1', Buffer.from('shorter'));
    expect((await read(blobs, 'logs/1')).toString()).toBe('shorter');
  });

  test('an object has the time at which it was put, and a later one when it is put again', async () => {
    const blobs = await open();
    // Stores tell it in whole seconds.
    const from_ms = Math.floor(systemClock.now_ms() / 1000) * 1000;
    await blobs.put('timed', Buffer.from('x'));
    const first_ms = (await blobs.head('timed'))?.modified_ms;
    expect(first_ms).toBeGreaterThanOrEqual(from_ms);
    expect(first_ms).toBeLessThanOrEqual(systemClock.now_ms());
    await blobs.put('timed', Buffer.from('y'));
    expect((await blobs.head('timed'))?.modified_ms).toBeGreaterThanOrEqual(first_ms as number);
  });

  test('an empty object is an object', async () => {
    const blobs = await open();
    expect(await blobs.put('empty', Buffer.alloc(0))).toEqual({ size_bytes: 0, sha256: sha256(Buffer.alloc(0)) });
    expect(await blobs.head('empty')).toMatchObject({ size_bytes: 0 });
    expect(await read(blobs, 'empty')).toEqual(Buffer.alloc(0));
    expect(await blobs.put('empty-stream', Readable.from([]))).toMatchObject({ size_bytes: 0 });
  });

  test('objects of many parts arrive whole', async () => {
    const blobs = await open();
    const data = systemRandom.bytes(20 * 2 ** 20 + 3);
    const chunks = Array.from({ length: 21 }, (_, index) => data.subarray(index * 2 ** 20, (index + 1) * 2 ** 20));
    expect(await blobs.put('big', Readable.from(chunks))).toEqual({ size_bytes: data.length, sha256: sha256(data) });
    expect((await read(blobs, 'big')).equals(data)).toBe(true);
  });

  test('a range is bytes from start to before end, as far as there are any', async () => {
    const blobs = await open();
    await blobs.put('digits', Buffer.from('0123456789'));
    const ranged = async (start: number, end?: number) =>
      (await read(blobs, 'digits', end === undefined ? { start } : { start, end })).toString();
    expect(await ranged(0, 3)).toBe('012');
    expect(await ranged(7)).toBe('789');
    expect(await ranged(9, 10)).toBe('9');
    expect(await ranged(8, 100)).toBe('89');
    expect(await ranged(4, 4)).toBe('');
    expect(await ranged(10)).toBe('');
    expect(await ranged(50, 60)).toBe('');
  });
}

function refusing(open: Open): void {
  test('what is not as announced is refused, and nothing of it stays', async () => {
    const blobs = await open();
    const data = Buffer.from('hello');
    const refused = { code: 'GC1222' };
    await expect(blobs.put('a', data, { size_bytes: 4 })).rejects.toMatchObject(refused);
    await expect(blobs.put('a', data, { size_bytes: 6 })).rejects.toMatchObject(refused);
    await expect(blobs.put('a', data, { sha256: sha256(Buffer.from('other')) })).rejects.toMatchObject(refused);
    const big = Readable.from(Array.from({ length: 20 }, () => systemRandom.bytes(2 ** 20)));
    await expect(blobs.put('a', big, { size_bytes: 20 * 2 ** 20 + 1 })).rejects.toMatchObject(refused);
    expect(await blobs.head('a')).toBeNull();
    expect(await keys(blobs)).toEqual([]);
  });

  test('a sender that breaks off leaves nothing, and what was there before stays', async () => {
    const blobs = await open();
    await blobs.put('a', Buffer.from('before'));
    async function* broken(count: number): AsyncGenerator<Buffer> {
      for (let index = 0; index < count; index++) yield systemRandom.bytes(2 ** 20);
      throw new Error('the line broke');
    }
    await expect(blobs.put('a', Readable.from(broken(1)))).rejects.toThrow('the line broke');
    await expect(blobs.put('a', Readable.from(broken(18)))).rejects.toThrow('the line broke');
    expect((await read(blobs, 'a')).toString()).toBe('before');
    expect(await keys(blobs)).toEqual(['a']);
  });

  test('what is not there: null, an error that says so, and no harm in removing it', async () => {
    const blobs = await open();
    expect(await blobs.head('none')).toBeNull();
    await expect(blobs.get('none')).rejects.toMatchObject({ code: 'GC1221' });
    await expect(blobs.get('none', { start: 3, end: 3 })).rejects.toMatchObject({ code: 'GC1221' });
    await blobs.remove('none');
    await blobs.remove('none/of/these');
    await blobs.put('here', Buffer.from('x'));
    await blobs.remove('here');
    await blobs.remove('here');
    expect(await blobs.head('here')).toBeNull();
  });

  test('keys that try to leave, or to be clever, are refused everywhere', async () => {
    const blobs = await open();
    const bad = [
      '',
      '/',
      'a/',
      '/a',
      'a//b',
      '..',
      '../a',
      'a/../b',
      '.',
      '.a',
      'a/.incoming/x',
      'a\\b',
      'a\0b',
      'a b',
      'ä',
      'a~',
    ];
    for (const key of [...bad, 'a?b', 'a#b', 'a%2fb', 'a:b', 'x'.repeat(201), 'x/'.repeat(401)]) {
      const refused = { code: 'GC1220' };
      await expect(blobs.put(key, Buffer.from('x')), key).rejects.toMatchObject(refused);
      await expect(blobs.get(key)).rejects.toMatchObject(refused);
      await expect(blobs.head(key)).rejects.toMatchObject(refused);
      await expect(blobs.remove(key)).rejects.toMatchObject(refused);
    }
    await expect(keys(blobs, '../')).rejects.toMatchObject({ code: 'GC1220' });
  });
}

function listing(open: Open): void {
  test('a list is sorted by whole keys, and a prefix is a beginning, not a directory', async () => {
    const blobs = await open();
    const part = fc.stringMatching(/^[a-c_=+@-][ab.=+@-]{0,2}$/);
    const key = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(key, { maxLength: 12 }), key, async (all, prefix) => {
        for await (const old of blobs.list('')) await blobs.remove(old);
        await Promise.all(all.map((one) => blobs.put(one, Buffer.from(one))));
        const sorted = [...all].sort((a, b) => (a < b ? -1 : 1));
        expect(await keys(blobs)).toEqual(sorted);
        expect(await keys(blobs, prefix)).toEqual(sorted.filter((one) => one.startsWith(prefix)));
        for (const one of all) expect((await read(blobs, one)).toString()).toBe(one);
      }),
      { numRuns: 15 },
    );
  });

  test('putting and removing beside each other at once', async () => {
    const blobs = await open();
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        await blobs.put(`deep/er/${index % 5}/${index}`, Buffer.from(String(index)));
        if (index % 2 === 0) await blobs.remove(`deep/er/${index % 5}/${index}`);
      }),
    );
    expect(await keys(blobs, 'deep/')).toHaveLength(20);
  });
}
