import { LENGTHS, type LengthUnit, unitOf } from './lengths.ts';
import { serverWords } from './words.ts';

/** A text; `tell` gets each change, without spaces around it. */
export function textField(
  value: string,
  attributes: Record<string, string | number>,
  tell: (value: string) => void,
): JQuery {
  return $('<input type="text">')
    .attr(attributes)
    .val(value)
    .on('input', function () {
      tell(entered(this));
    });
}

/** A whole number; blank is ''. */
export function numberField(
  value: number | '',
  placeholder: string,
  tell: (value: number | '') => void,
): JQuery {
  return $('<input type="number" min="1" step="1">')
    .attr('placeholder', placeholder)
    .val(value)
    .on('input', function () {
      const text = entered(this);
      tell(text === '' ? '' : Number(text));
    });
}

/** One of some values, each with its words. */
export function choiceField<Value extends string>(
  values: readonly Value[],
  wordsOf: (value: Value) => string,
  chosen: Value,
  tell: (value: Value) => void,
): JQuery {
  return $('<select>')
    .append(...values.map((value) => $('<option>').val(value).text(wordsOf(value))))
    .val(chosen)
    .on('change', function () {
      tell(entered(this) as Value);
    });
}

/** A length of time in s, as a number and a unit; blank is null. `label` is what it is a length of. */
export function lengthField(
  seconds: number | null,
  { label, placeholder }: { label: string; placeholder: string },
  tell: (seconds: number | null) => void,
): JQuery {
  let unit: LengthUnit = seconds === null ? 'h' : unitOf(seconds);
  const amount = $('<input type="number" min="0" step="any">')
    .attr('placeholder', placeholder)
    .val(seconds === null ? '' : seconds / LENGTHS[unit])
    .on('input', take);
  const choice = choiceField(
    Object.keys(LENGTHS) as LengthUnit[],
    (one) => serverWords(`rules.time.${one}`),
    unit,
    (chosen) => {
      unit = chosen;
      take();
    },
  ).attr('aria-label', serverWords('rules.unitOf', { what: label }));
  return $('<div>').addClass('tpedm-length').append(amount, choice);

  function take(): void {
    const text = entered(amount[0]);
    tell(text === '' ? null : Math.round(Number(text) * LENGTHS[unit]));
  }
}

function entered(input: HTMLElement | undefined): string {
  return input === undefined ? '' : String($(input).val() ?? '').trim();
}
