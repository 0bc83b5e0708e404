/**
 * How lists and objects stand in a path or a query, by the names of OpenAPI. A parameter that has none is one of the pack, or
 * an older one: its list is one text with commas, encoded as any other text.
 */
export const PATH_STYLES = ['simple', 'label'] as const;
export const QUERY_STYLES = ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'] as const;
export const STYLES = [...PATH_STYLES, ...QUERY_STYLES] as const;
export type Style = (typeof STYLES)[number];

/** What `explode` is where a description does not say it; an object in brackets is never anything else. */
export function defaultExplode(style: Style): boolean {
  return style === 'form' || style === 'deepObject';
}
