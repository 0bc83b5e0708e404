/** Most tokens of a person that have not expired. */
export const MAX_TOKENS_OF_PERSON = 20;
export const DEFAULT_TOKEN_DAYS = 90;
export const MAX_TOKEN_DAYS_LENGTH = 365;
export const MAX_TOKEN_NAME_LENGTH = 60;
