/** Dates in SQL: what time/instant.ts takes, and nothing else. */
import { hasExponent, isNumberText } from "./sql-text.ts";

/** Of the text of a date that is none. Greater than all numbers, as texts are in SQLite. */
export const NO_DATE = "'n'";

/** Of a value of which SQL does not say whether it is a date, or when. */
export const UNSURE_DATE = "'u'";

/** Places in the JSON text of a date: the quote is the first. */
const DATE = "????-??-??";
const DATE_TIME = `${DATE}[ T]??:??:??`;

/** Characters of the first instant of the year 0000 in ms since 1970; no other has more. */
const INSTANT_LENGTH_MAX = 15;

/**
 * The instant of a JSON text in ms since 1970, the fractions of its second cut, or NO_DATE or
 * UNSURE_DATE. A whole number, otherwise.
 *
 * The pattern puts separators where they must be; unixepoch() wants digits where it finds them
 * then. It takes the hour 24, and days that a month does not have, which it counts into the next
 * one: these are looked for. A backslash is in no date.
 *
 * @param json neither NULL nor `null`.
 */
export function dateSql(json: string): string {
  const time = `substr(${json}, 2, 19)`;
  const isDay = isDaySql(json);
  const isHour = `substr(${json}, 13, 2) < '24'`;
  return `CASE
WHEN ${json} GLOB '"${DATE_TIME}"' THEN
  CASE WHEN ${isHour} AND ${isDay} THEN ${secondsSql(time, "0")} ELSE ${NO_DATE} END
WHEN ${json} GLOB '"${DATE}"' THEN
  CASE WHEN ${isDay} THEN ${secondsSql(`substr(${json}, 2, 10)`, "0")} ELSE ${NO_DATE} END
WHEN ${json} GLOB '"${DATE_TIME}*"' THEN
  CASE WHEN ${isHour} AND ${isDay}
  THEN ${secondsSql(time, offsetSql(zoneSql(json)))} ELSE ${NO_DATE} END
WHEN ${isNumberText(json)} THEN
  CASE WHEN instr(${json}, '.') > 0 OR ${hasExponent(json)} THEN ${UNSURE_DATE}
  WHEN length(${json}) <= ${INSTANT_LENGTH_MAX} THEN ${withinYears(`CAST(${json} AS INTEGER)`)}
  ELSE ${NO_DATE} END
ELSE ${NO_DATE} END`;
}

/** Whether the month has the day: every one has 28. */
function isDaySql(json: string): string {
  const day = `substr(${json}, 2, 10)`;
  return `(substr(${json}, 10, 2) <= '28' OR date(${day}, '+0 days') = ${day})`;
}

function secondsSql(text: string, offset: string): string {
  const seconds = `unixepoch(${text})`;
  // NULL from either makes NULL.
  return offset === "0"
    ? `coalesce(1000 * ${seconds}, ${NO_DATE})`
    : `coalesce(${withinYears(`1000 * (${seconds} - ${offset})`)}, ${NO_DATE})`;
}

/** The first and the last instant of the years 0000 to 9999, in ms since 1970. */
function withinYears(instant: string): string {
  const isWithin = `${instant} BETWEEN -62167219200000 AND 253402300799999`;
  return `CASE WHEN ${isWithin} THEN ${instant} ELSE ${NO_DATE} END`;
}

/** What follows the seconds and their fraction, with the closing quote; `"` for no zone. */
function zoneSql(json: string): string {
  const rest = `substr(${json}, 22)`;
  const hasDigit = `substr(${json}, 21, 2) GLOB '.[0-9]'`;
  return `CASE WHEN ${hasDigit} THEN ltrim(${rest}, '0123456789') ELSE substr(${json}, 21) END`;
}

/** Seconds east of UTC; NULL where the text is no zone. */
function offsetSql(zone: string): string {
  const hours = `substr(z, 2, 2)`;
  const minutes = `substr(z, -3, 2)`;
  return `(SELECT CASE WHEN z = '"' OR z = 'Z"' THEN 0
  WHEN (z GLOB '[-+][0-9][0-9]:[0-5][0-9]"' OR z GLOB '[-+][0-9][0-9][0-5][0-9]"')
    AND ${hours} < '24'
  THEN (CAST(${hours} AS INTEGER) * 3600 + CAST(${minutes} AS INTEGER) * 60)
    * CASE WHEN z >= '-' THEN -1 ELSE 1 END
  END FROM (SELECT ${zone} AS z LIMIT -1))`;
}

/** Whether the JSON text of a date may have a fraction of a second other than 0. */
export function mayHaveFraction(json: string): string {
  return `(${json} GLOB '"${DATE_TIME}.*[1-9]*')`;
}
