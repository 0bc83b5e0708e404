import { ID_CURSOR } from '../../manager/shared/page.js';

const MOST = 200;
export const DEFAULT_PAGE = 50;

/** JSON Schemas of the query for a page of a history, newest first. */
export const PAGE_OF_HISTORY = {
  cursor: { ...ID_CURSOR, description: '`next` of the page before.' },
  limit: { type: 'integer', minimum: 1, maximum: MOST, description: `Default ${DEFAULT_PAGE}.` },
} as const;
