import {
  blankOf,
  boundsOf,
  branchesOf,
  branchName,
  branchOf,
  propertiesOf,
  requiredOf,
  titleOf,
  withProperty,
} from '../../manager/catalogue/form-schema.ts';
import { hasPlaceholders } from '../../manager/jobs/definition/placeholders.ts';
import { escaped } from '../../manager/shared/json-pointer.ts';
import { isObject, isReference, type JsonSchema } from './model.ts';
import { valueInput } from './value-input.ts';
import { words } from './words.ts';

/** A value in the form. */
interface Field {
  /** JSON Pointer of the value: `/requestBody/ip`. */
  place: string;
  schema: JsonSchema;
  label: string;
  /** Whether the value may be a placeholder, which a job fills for each gateway. */
  fills: boolean;
  value: unknown;
  set(value: unknown): void;
}

/** Fills `holder` with a form for a value that a schema describes. Calls `onChange` with the whole new value after each change. */
export function schemaForm(
  holder: JQuery,
  schema: JsonSchema,
  value: unknown,
  { place, fills }: Pick<Field, 'place' | 'fills'>,
  onChange: (value: unknown) => void,
): void {
  let whole = value;
  holder.empty();
  fieldOf({
    place,
    schema,
    label: '',
    fills,
    value,
    set(next) {
      whole = next;
      onChange(whole);
    },
  }).appendTo(holder);
}

function fieldOf(field: Field): JQuery {
  const branches = branchesOf(field.schema);
  if (isReference(field.value) || isFilled(field)) return leafOf(field);
  if (branches.length > 0) return choiceOf(field, branches);
  if (Object.keys(propertiesOf(field.schema)).length > 0) return objectOf(field);
  if (field.schema.type === 'array' && isObject(field.schema.items)) return listOf(field, field.schema.items);
  return leafOf(field);
}

function leafOf({ schema, value, label, fills, set }: Field): JQuery {
  return valueInput({ schema, value, label, fills }, set);
}

/** Whether a placeholder stands there, whatever the schema asks for. */
function isFilled({ fills, value }: Field): boolean {
  return fills && typeof value === 'string' && hasPlaceholders(value);
}

/** Shows the properties in the schema. Other properties of the value are kept. */
function objectOf(field: Field): JQuery {
  const box = $('<div>').addClass(field.label === '' ? 'tpedm-form' : 'tpedm-group');
  let whole: Record<string, unknown> = isObject(field.value) ? field.value : {};
  const required = requiredOf(field.schema);
  const known = propertiesOf(field.schema);
  const change = (name: string, value: unknown) => {
    // The property keeps its position, so that the JSON text does not jump.
    whole = withProperty(whole, name, value);
    field.set(whole);
  };
  for (const [name, schema] of Object.entries(known)) {
    propertyRow(
      { ...field, schema, label: titleOf(schema, name), place: `${field.place}/${escaped(name)}` },
      Object.hasOwn(whole, name) ? whole[name] : undefined,
      required.has(name),
      (value) => change(name, value),
    ).appendTo(box);
  }
  const more = Object.keys(whole).filter((name) => !Object.hasOwn(known, name));
  if (more.length > 0) {
    $('<div>')
      .addClass('tpedm-quiet')
      .text(words('label.otherNames', { names: more.join(', ') }))
      .appendTo(box);
  }
  return box;
}

/** An optional property is sent only if its checkbox is ticked. */
function propertyRow(
  field: Omit<Field, 'value' | 'set'>,
  value: unknown,
  isRequired: boolean,
  set: (value: unknown) => void,
): JQuery {
  const { place, schema, label, fills } = field;
  const row = $('<div>').addClass('tpedm-row').attr('data-place', place);
  const head = $('<label>').addClass('tpedm-label').appendTo(row);
  const body = $('<div>').addClass('tpedm-body').appendTo(row);
  const tick = $('<input type="checkbox">').attr('aria-label', words('label.include', { name: label }));
  if (isRequired)
    $('<span>').addClass('tpedm-required').attr('title', words('label.required')).text('*').appendTo(head);
  else tick.prop('checked', value !== undefined).appendTo(head);
  $('<span>').text(label).appendTo(head);
  const hint = schema.format === 'password' ? words('hint.password') : boundsOf(schema);
  const fault = $('<div>').addClass('tpedm-fault').attr('role', 'alert');

  const show = (shown: unknown) => {
    body.empty();
    if (shown !== undefined || isRequired) {
      fieldOf({ place, schema, label, fills, value: shown, set }).appendTo(body);
      if (hint !== '') $('<div>').addClass('tpedm-quiet').text(hint).appendTo(body);
    }
    fault.appendTo(body);
  };
  tick.on('change', () => {
    const next = tick.prop('checked') ? (blankOf(schema) ?? '') : undefined;
    show(next);
    set(next);
  });
  show(value);
  return row;
}

function listOf(field: Field, items: JsonSchema): JQuery {
  const box = $('<div>').addClass('tpedm-group');
  let entries: unknown[] = Array.isArray(field.value) ? field.value : [];
  const change = (next: unknown[], isShape: boolean) => {
    entries = next;
    field.set(entries);
    if (isShape) show();
  };
  const button = (icon: string, text: string, act: () => void) =>
    $('<button type="button">')
      .addClass('red-ui-button red-ui-button-small')
      .attr({ title: text, 'aria-label': text })
      .append($('<i>').addClass(`fa ${icon}`))
      .on('click', act);

  const row = (entry: unknown, index: number): JQuery => {
    const place = `${field.place}/${index}`;
    const label = `${field.label} ${index + 1}`;
    const made = $('<div>').addClass('tpedm-row tpedm-entry').attr('data-place', place);
    const body = $('<div>').addClass('tpedm-body').appendTo(made);
    const set = (value: unknown) => change(entries.with(index, value), false);
    fieldOf({ ...field, place, schema: items, label, value: entry, set }).appendTo(body);
    $('<div>').addClass('tpedm-fault').attr('role', 'alert').appendTo(body);
    const tools = $('<div>').addClass('tpedm-tools').appendTo(made);
    if (index > 0) {
      const swapped = () => entries.with(index - 1, entries[index]).with(index, entries[index - 1]);
      button('fa-arrow-up', words('label.up'), () => change(swapped(), true)).appendTo(tools);
    }
    button('fa-times', words('label.remove'), () => change(entries.toSpliced(index, 1), true)).appendTo(
      tools,
    );
    return made;
  };
  const show = () => {
    box.empty().append(entries.map(row));
    button('fa-plus', words('label.add'), () => change([...entries, blankOf(items) ?? ''], true))
      .append($('<span>').text(` ${words('label.add')}`))
      .appendTo(box);
  };
  show();
  return box;
}

/** Lets a person choose between the branches of a schema. The branch that fits the value is selected at first. */
function choiceOf(field: Field, branches: readonly JsonSchema[]): JQuery {
  const box = $('<div>').addClass('tpedm-choice');
  const select = $('<select>').attr('aria-label', words('label.form'));
  branches.forEach((branch, index) => {
    $('<option>').val(index).text(branchName(branch, index)).appendTo(select);
  });
  const body = $('<div>');
  const show = (value: unknown) => {
    const schema = branches[Number(select.val())] ?? {};
    body.empty().append(fieldOf({ ...field, schema, value }));
  };
  select.val(branchOf(branches, field.value));
  select.on('change', () => {
    const value = blankOf(branches[Number(select.val())] ?? {});
    field.set(value);
    show(value);
  });
  show(field.value);
  return box.append(select, body);
}
