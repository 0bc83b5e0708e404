interface Rule {
  readonly type?: string;
  readonly enum?: readonly unknown[];
}
type Filled<Properties> = {
  readonly [Name in keyof Properties]: Properties[Name] extends { readonly type: 'string' }
    ? Properties[Name] & { readonly pattern: '\\S' }
    : Properties[Name];
};

/**
 * The conditions of a list for programs, which take no blank text: `gateway=` of a script whose variable is empty would find all, where a
 * person's empty field says just that.
 */
export function filled<const Properties extends Readonly<Record<string, Rule>>>(
  properties: Properties,
): Filled<Properties> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, rule]) => [
      name,
      rule.type === 'string' ? { pattern: '\\S', ...rule } : rule,
    ]),
  ) as Filled<Properties>;
}
