/** The limits of what owners define, each with its unit and its reason. */

/** Most metrics of a figure: formulas call them A to Z. */
export const METRICS_MAX = 26;

/** Most formulas of a figure: together with the metrics a table has 50 columns of values or so. */
export const FORMULAS_MAX = 26;

/** Most columns that a figure is grouped by; people group by one to three. */
export const GROUP_COLUMNS_MAX = 5;

/** Most values that are chosen of one grouping: as many as one `in` takes (filter/limits.ts). */
export const CHOSEN_VALUES_MAX = 1_000;

/** Most sets of filters of a figure: one for each metric. */
export const FILTER_SETS_MAX = 26;

/** Longest label, name of a filter set, or e-mail address, in UTF-16 units. */
export const LABEL_LENGTH_MAX = 255;

/** Longest name of a report, in UTF-16 units. */
export const REPORT_NAME_LENGTH_MAX = 255;

/** Longest text of a formula, in UTF-16 units. */
export const EXPRESSION_LENGTH_MAX = 1_000;

/** Most periods that a rolling average looks at: a year of days. */
export const WINDOW_PERIODS_MAX = 366;

/** Most cohorts, and periods after them; their product is bounded by the report's size. */
export const COHORTS_MAX = 400;
export const COHORT_PERIODS_MAX = 400;

/** Periods that a chart shows of each cohort where it does not say so (wire.md 5). */
export const COHORT_PERIODS_DEFAULT = 12;

/** Cohorts that a chart shows where it does not say so. */
export const COHORTS_DEFAULT = 12;

/** Most figures, and most charts, of a client. */
export const REPORTS_MAX = 1_000;

/** Most bytes of a stored definition: a list of 1,000 reports is read without them. */
export const REPORT_BYTES_MAX = 500_000;

/**
 * Members whose first date a chart keeps in memory. Where they are numbers 8 + 4 bytes of each are
 * its date and its cohort, and 24 are in MEMBER_BYTES_MAX: 37 MB with room to grow.
 */
export const COHORT_MEMBERS_MAX = 1_000_000;

/**
 * Most bytes of the names of members: with the dates 60 MB of the 128 of an isolate. Names of 80
 * bytes leave room for 400,000 members.
 */
export const MEMBER_BYTES_MAX = 48 * 1024 * 1024;

/**
 * Most bytes of members, their dates, and what is kept of the rows for the values of the cohorts:
 * a million rows of 100,000 members, each with a sum, take 54 MB. Of more rows nothing is kept.
 */
export const FIRST_DATES_BYTES_MAX = 60 * 1024 * 1024;

/** Most periods from a chart's first beginning to its last date: two centuries of weeks. */
export const COHORT_TIMELINE_MAX = 10_500;

/** Most rows of a table, and most points of a series of charts (wire.md 5). */
export const REPORT_ROWS_MAX = 3_500;

/** Most values of a metric, zeros of empty periods among them: about 50 MB. */
export const SERIES_VALUES_MAX = 1_000_000;
