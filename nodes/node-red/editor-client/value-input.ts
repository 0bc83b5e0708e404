import { hasPlaceholders } from '../../manager/jobs/definition/placeholders.ts';
import { exactJson, parseExactJson, typedNumber } from '../../manager/shared/exact-json.ts';
import { isReference, type JsonSchema, SOURCES } from './model.ts';
import { words } from './words.ts';

interface TypeDefinition {
  value: string;
  label?: string;
  icon?: string;
  options?: { value: string; label: string }[];
}

export interface ValueInput {
  schema: JsonSchema;
  value: unknown;
  label: string;
  /** Whether the value may be a placeholder, which a job fills for each gateway. */
  fills: boolean;
}

/** A text with placeholders: the value of each gateway. */
const EACH = 'each';

/** A typed input for a value that a schema describes, for the source of the value, or for placeholders. */
export function valueInput(
  { schema, value, label, fills }: ValueInput,
  onChange: (value: unknown) => void,
): JQuery {
  const own = ownType(schema, value === undefined || value === '');
  const each = {
    value: EACH,
    label: words('label.each'),
    icon: 'fa fa-table',
    validate: (text: string) => hasPlaceholders(text),
  };
  const holder = $('<div>').addClass('tpedm-value');
  const input = $('<input type="text">').attr('aria-label', label).appendTo(holder);
  const isOther = isReference(value);
  const isOfEach = fills && typeof value === 'string' && hasPlaceholders(value);
  const type = isOther ? value.$from : isOfEach ? EACH : own.value;
  input.val(isOther ? value.value : textOf(isOfEach ? EACH : own.value, value));
  input.typedInput({
    default: type,
    types: [own.definition, ...(fills ? [each] : []), ...SOURCES] as never,
  } as never);
  input.typedInput('type', type);
  input.typedInput('width', '100%');
  let isReady = false;
  input.on('change', () => {
    if (!isReady) return;
    const type = String(input.typedInput('type'));
    const text = String(input.typedInput('value') ?? '');
    if (type === EACH) onChange(text);
    else onChange(type === own.value ? own.read(text) : { $from: type, value: text });
  });
  isReady = true;
  return holder;
}

/** `isBlank`: nobody has chosen a value, so that none of several looks as if it were chosen. */
function ownType(
  schema: JsonSchema,
  isBlank: boolean,
): {
  value: string;
  definition: string | TypeDefinition;
  read(text: string): unknown;
} {
  const { enum: choices, enumTitles, const: only, format } = schema;
  if (only !== undefined) return choice([only], [], isBlank);
  if (Array.isArray(choices)) return choice(choices, Array.isArray(enumTitles) ? enumTitles : [], isBlank);
  const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== 'null') : schema.type;
  if (type === 'boolean' && isBlank) return choice([true, false], [], isBlank);
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

function choice(values: readonly unknown[], titles: readonly unknown[], isBlank: boolean) {
  const options = values.map((value, index) => ({
    value: exactJson(value),
    label: titles[index] === undefined ? String(value) : `${value}: ${titles[index]}`,
  }));
  return {
    value: 'choice',
    definition: {
      ...{ value: 'choice', label: words('label.choice'), icon: 'fa fa-list' },
      options: isBlank ? [{ value: '', label: '–' }, ...options] : options,
    },
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
