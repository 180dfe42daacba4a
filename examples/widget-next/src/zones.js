import { readData } from './platform.js';

const CITIES = {
  Berlin: 'Europe/Berlin',
  Kathmandu: 'Asia/Kathmandu',
  Kolkata: 'Asia/Kolkata',
  Lisbon: 'Europe/Lisbon',
  Nairobi: 'Africa/Nairobi',
  Reykjavik: 'Atlantic/Reykjavik',
};

/** Minutes ahead of UTC in a city at a moment (a Date); a zone that the system does not know counts as UTC. */
export function offset_minutes(city, moment) {
  if (!Object.hasOwn(CITIES, city)) throw new RangeError(`no zone is known for ${city}`);
  const zone = readData('zones')[CITIES[city]] ?? { winter: 0, summer: 0 };
  return isSummer(moment) ? zone.summer : zone.winter;
}

/** The European rule: from the last Sunday of March to the last Sunday of October, both at 01:00 UTC. */
export function isSummer(moment) {
  const year = moment.getUTCFullYear();
  return moment >= lastSunday(year, 2) && moment < lastSunday(year, 9);
}

/** `09:05`, as the clock on the wall of that city shows it. */
export function wallClock(city, moment) {
  const local = new Date(moment.getTime() + offset_minutes(city, moment) * 60_000);
  return local.toISOString().slice(11, 16);
}

function lastSunday(year, month) {
  const last = new Date(Date.UTC(year, month + 1, 0, 1));
  last.setUTCDate(last.getUTCDate() - last.getUTCDay());
  return last;
}
