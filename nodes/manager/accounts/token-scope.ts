/** What a token opens: REST, or the wall page and nothing else. */
export const TOKEN_SCOPES = ['rest', 'wall'] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];
