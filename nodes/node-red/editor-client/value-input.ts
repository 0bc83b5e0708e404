import { exactJson, parseExactJson, typedNumber } from '../../manager/shared/exact-json.ts';
import { isReference, type JsonSchema, SOURCES } from './model.ts';
import { words } from './words.ts';

interface TypeDefinition {
  value: string;
  label?: string;
  icon?: string;
  options?: { value: string; label: string }[];
}

/** A typed input for a value that a schema describes, or for the source of the value. */
export function valueInput(
  schema: JsonSchema,
  value: unknown,
  label: string,
  onChange: (value: unknown) => void,
): JQuery {
  const own = ownType(schema);
  const holder = $('<div>').addClass('tpedm-value');
  const input = $('<input type="text">').attr('aria-label', label).appendTo(holder);
  const isOther = isReference(value);
  input.val(isOther ? value.value : textOf(own.value, value));
  input.typedInput({
    default: isOther ? value.$from : own.value,
    types: [own.definition, ...SOURCES] as never,
  } as never);
  input.typedInput('type', isOther ? value.$from : own.value);
  input.typedInput('width', '100%');
  let isReady = false;
  input.on('change', () => {
    if (!isReady) return;
    const type = String(input.typedInput('type'));
    const text = String(input.typedInput('value') ?? '');
    onChange(type === own.value ? own.read(text) : { $from: type, value: text });
  });
  isReady = true;
  return holder;
}

function ownType(schema: JsonSchema): {
  value: string;
  definition: string | TypeDefinition;
  read(text: string): unknown;
} {
  const { enum: choices, enumTitles, const: only, format } = schema;
  if (only !== undefined) return choice([only], []);
  if (Array.isArray(choices)) return choice(choices, Array.isArray(enumTitles) ? enumTitles : []);
  const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== 'null') : schema.type;
  if (type === 'boolean') return { value: 'bool', definition: 'bool', read: (text) => text === 'true' };
  if (type === 'integer' || type === 'number') {
    return { value: 'num', definition: 'num', read: typedNumber };
  }
  if (type === 'string') {
    const kind = format === 'password' ? 'cred' : 'str';
    return { value: kind, definition: kind, read: (text) => text };
  }
  return { value: 'json', definition: 'json', read: jsonOf };
}

function choice(values: readonly unknown[], titles: readonly unknown[]) {
  const options = values.map((value, index) => ({
    value: exactJson(value),
    label: titles[index] === undefined ? String(value) : `${value}: ${titles[index]}`,
  }));
  return {
    value: 'choice',
    definition: { value: 'choice', label: words('label.choice'), icon: 'fa fa-list', options },
    read: jsonOf,
  };
}

function textOf(type: string, value: unknown): string {
  if (value === undefined) return '';
  if (type === 'choice') return exactJson(value);
  return typeof value === 'string' ? value : exactJson(value);
}

function jsonOf(text: string): unknown {
  try {
    return parseExactJson(text);
  } catch {
    return text;
  }
}
