import { escaped } from '../../manager/shared/json-pointer.ts';
import { type Operation, type Parameter, type ParamValue, SOURCES } from './model.ts';
import { words } from './words.ts';

/** Fills `holder` with a row for each parameter of an operation. For a blank row, the value comes from msg.params. */
export function paramsForm(
  holder: JQuery,
  { parameters }: Pick<Operation, 'parameters'>,
  values: readonly ParamValue[],
  onChange: (values: ParamValue[]) => void,
): void {
  const now = new Map(values.map((value) => [value.name, value]));
  holder.empty().append(
    parameters.map((parameter) => {
      const row = $('<div>')
        .addClass('tpedm-row')
        .attr('data-place', `/params/${escaped(parameter.name)}`);
      const label = $('<label>').addClass('tpedm-label').appendTo(row);
      if (parameter.required) {
        $('<span>')
          .addClass('tpedm-required')
          .attr('title', words('label.required'))
          .text('*')
          .appendTo(label);
      }
      $('<span>').text(titleOf(parameter)).appendTo(label);
      const body = $('<div>').addClass('tpedm-body').appendTo(row);
      inputOf(parameter, now.get(parameter.name), (value) => {
        now.set(parameter.name, value);
        onChange(parameters.map(({ name }) => now.get(name)).filter((one) => one !== undefined));
      }).appendTo(body);
      $('<div>').addClass('tpedm-fault').attr('role', 'alert').appendTo(body);
      return row;
    }),
  );
}

function titleOf({ name, schema }: Parameter): string {
  return typeof schema.title === 'string' ? schema.title : name;
}

function inputOf(
  { name, schema }: Parameter,
  value: ParamValue | undefined,
  set: (value: ParamValue) => void,
): JQuery {
  const holder = $('<div>').addClass('tpedm-value');
  const input = $('<input type="text">')
    .attr({ 'aria-label': name, placeholder: words('placeholder.param', { name }) })
    .val(value?.value ?? '')
    .appendTo(holder);
  const own = Array.isArray(schema.enum)
    ? {
        value: 'str',
        label: words('label.choice'),
        icon: 'fa fa-list',
        options: [{ value: '', label: words('placeholder.param', { name }) }].concat(
          schema.enum.map((one) => ({ value: String(one), label: String(one) })),
        ),
      }
    : 'str';
  const type = value?.type ?? 'str';
  input.typedInput({ default: type, types: [own, ...SOURCES] as never } as never);
  input.typedInput('type', type);
  input.typedInput('width', '100%');
  input.on('change', () => {
    set({ name, type: String(input.typedInput('type')), value: String(input.typedInput('value') ?? '') });
  });
  return holder;
}
