/** So many tokens may a person have that have not ended. */
export const MOST_TOKENS_OF_PERSON = 20;
export const DEFAULT_TOKEN_DAYS = 90;
export const LONGEST_TOKEN_DAYS = 365;
export const LONGEST_TOKEN_NAME = 60;
