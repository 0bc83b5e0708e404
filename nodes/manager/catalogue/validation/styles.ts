/**
 * How lists and objects are written in a path or a query, by the names of OpenAPI. Parameters of the pack, and those of older
 * custom operations, have no style: then a list is one text with commas, encoded as any other text.
 */
export const PATH_STYLES = ['simple', 'label'] as const;
export const QUERY_STYLES = ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'] as const;
export const STYLES = [...PATH_STYLES, ...QUERY_STYLES] as const;
export type Style = (typeof STYLES)[number];

/** The value of `explode` where an OpenAPI document does not have it. The style deepObject is always exploded. */
export function defaultExplode(style: Style): boolean {
  return style === 'form' || style === 'deepObject';
}
