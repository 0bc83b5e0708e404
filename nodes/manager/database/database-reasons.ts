import { defineReasons } from '../shared/reason.js';

/** Why the database does not do something now. `fault` has the database's own words. */
export const databaseReason = defineReasons({
  'database-unreachable': 'The database cannot be reached: {fault}.',
  'database-disk-full': 'The disk of the PostgreSQL server is full: make room there ({sqlstate}: {fault}).',
  'database-out-of-memory': 'The PostgreSQL server is out of memory ({sqlstate}: {fault}).',
  'database-limit-reached': 'A limit that the PostgreSQL server is set to is reached ({sqlstate}: {fault}).',
  'database-statement-ended':
    'A statement took longer than it may, or somebody ended it ({sqlstate}: {fault}).',
  'database-read-only':
    'The PostgreSQL server takes no changes now: it is a standby, or was made read-only ({sqlstate}: {fault}).',
  'database-overloaded': 'Too much waits for the database ({count}); try again in a moment.',
  'embedded-disk-full':
    'The disk of the embedded database in {folder} is full: {free} MB are free, and {least} MB are the least that it needs. Make room on it.',
});
