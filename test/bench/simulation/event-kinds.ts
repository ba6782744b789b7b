/** The kinds of events of a simulation, and what the subject of each is, if anything. */

/** A request comes. */
export const ARRIVE = 0;
/** Of a request: its isolate begins. */
export const WORK = 1;
/** Of a request: its parts go to their objects. */
export const SEND = 2;
/** Of a part: it has come to its object. */
export const AT_OBJECT = 3;
/** Of a part: its object has read it, and queues it. */
export const QUEUE = 4;
/** Of an object: its group is committed or refused. */
export const WRITTEN = 5;
/** Of an object: its pause is over. */
export const RESUME = 6;
/** Of a part: its isolate has the answer. */
export const PART_DONE = 7;
/** Of an object: it has read the ranges to split its own. */
export const SPLIT_READ = 8;
/** Of an object: the catalogue has answered its split. */
export const SPLIT_WRITTEN = 9;
/** The ranges are counted. */
export const TICK = 10;
