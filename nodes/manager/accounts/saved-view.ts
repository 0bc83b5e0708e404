import type { FromSchema } from 'json-schema-to-ts';
import { parser } from '../shared/validate.js';

/** So many views a person may have. */
export const MAX_VIEWS_OF_PERSON = 50;

const name = { type: 'string', minLength: 1, maxLength: 80, pattern: '\\S' } as const;
const page = { type: 'string', pattern: '^[a-z][a-z0-9-]{0,60}$' } as const;
const isPinned = { type: 'boolean' } as const;

/** What a person says about a new view. */
export const NEW_SAVED_VIEW = {
  type: 'object',
  properties: {
    /** The type of the widget whose page it is. */
    page,
    /** A person has each name once for a page. */
    name,
    /** The query of the page's address, without the question mark. */
    query: { type: 'string', maxLength: 2000 },
    /** Whether it stands above the page, and not only in its list. */
    isPinned,
  },
  required: ['page', 'name', 'query'],
  additionalProperties: false,
} as const;

/** What can be changed of a view. */
export const VIEW_CHANGE = {
  type: 'object',
  properties: { name, query: NEW_SAVED_VIEW.properties.query, isPinned },
  minProperties: 1,
  additionalProperties: false,
} as const;

export type NewSavedView = FromSchema<typeof NEW_SAVED_VIEW>;
export type ViewChange = FromSchema<typeof VIEW_CHANGE>;

export const parseNewSavedView = parser<NewSavedView>(NEW_SAVED_VIEW, 'view');
export const parseViewChange = parser<ViewChange>(VIEW_CHANGE, 'view');

/** A page with its filter, under a name that a person gave it. */
export interface SavedView {
  /** Decimal digits. */
  id: string;
  page: string;
  name: string;
  query: string;
  isPinned: boolean;
}

/** The views of all people, each of which has only the own ones. Methods reject with UNAVAILABLE while the database is away. */
export interface SavedViews {
  /** In the order of their names. */
  listOf(accountId: string): Promise<SavedView[]>;
  /** Rejects with INVALID_INPUT, and with CONFLICT for a name that another view of the page has, for too many, and for an account that is gone. */
  create(accountId: string, view: NewSavedView): Promise<SavedView>;
  /** Rejects with NOT_FOUND, also for a view of somebody else, with INVALID_INPUT, and with CONFLICT for a name that is taken. */
  change(accountId: string, id: string, change: ViewChange): Promise<SavedView>;
  /** Rejects with NOT_FOUND, also for a view of somebody else. */
  remove(accountId: string, id: string): Promise<void>;
}
