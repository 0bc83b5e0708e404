import type { TpeErrorCode } from '../manager/shared/tpe-error.js';

/** The HTTP status of each error. It follows RFC 9110, so that a client can tell whether to try again. */
export const HTTP_STATUS: Record<TpeErrorCode, number> = {
  INVALID_INPUT: 400,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  STOPPED: 423,
  GUARDED: 423,
  OFFLINE: 409,
  TIMED_OUT: 504,
  UNREADABLE: 502,
  UNAVAILABLE: 503,
  BUSY: 503,
  CLOSED: 503,
  ERROR: 500,
};
