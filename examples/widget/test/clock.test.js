import { throws } from 'node:assert';
import { describe, it } from 'node:test';
import { formatDuration, parseDuration } from '../src/durations.js';
import { isSummer, offset_minutes, wallClock } from '../src/zones.js';
import { expectEqual } from './expect.js';

const january = new Date('2026-01-15T12:00:00Z');
const july = new Date('2026-07-15T12:00:00Z');

describe('clock/zones', () => {
  it('Berlin is an hour ahead in winter', () => {
    expectEqual(offset_minutes('Berlin', january), 60);
  });

  it('Berlin has summer time', () => {
    expectEqual(offset_minutes('Berlin', july), 120);
  });

  it('Lisbon is on UTC in winter', () => {
    expectEqual(wallClock('Lisbon', january), '12:00');
  });

  it('Lisbon has summer time', () => {
    expectEqual(wallClock('Lisbon', july), '13:00');
  });

  it('Reykjavik has none', () => {
    expectEqual(wallClock('Reykjavik', july), '12:00');
  });

  it('Nairobi is three hours ahead all year', () => {
    expectEqual(
      [january, july].map((moment) => offset_minutes('Nairobi', moment)),
      [180, 180],
    );
  });

  it('Kolkata is half an hour off', () => {
    expectEqual(wallClock('Kolkata', january), '17:30');
  });

  it('Kathmandu is a quarter of an hour off', () => {
    expectEqual(wallClock('Kathmandu', january), '17:45');
  });

  it('summer begins on the last Sunday of March', () => {
    expectEqual(
      ['2026-03-29T00:59:59Z', '2026-03-29T01:00:00Z'].map((text) => isSummer(new Date(text))),
      [false, true],
    );
  });

  it('summer ends on the last Sunday of October', () => {
    expectEqual(
      ['2026-10-25T00:59:59Z', '2026-10-25T01:00:00Z'].map((text) => isSummer(new Date(text))),
      [true, false],
    );
  });

  it('a city without a zone is refused', () => {
    throws(() => offset_minutes('Atlantis', july), RangeError);
  });
});

describe('clock/durations', () => {
  it('units add up', () => {
    expectEqual(parseDuration('1h30m'), 5400);
  });

  it('days are 24 hours', () => {
    expectEqual(parseDuration('2d'), 172_800);
  });

  it('a number without a unit is refused', () => {
    throws(() => parseDuration('90'), /write 90s/);
  });

  it('an unknown unit is refused', () => {
    throws(() => parseDuration('3w'), RangeError);
  });

  it('the shortest text is chosen', () => {
    expectEqual(formatDuration(5400), '1h30m');
  });

  it('nothing is zero seconds', () => {
    expectEqual(formatDuration(0), '0s');
  });
});
