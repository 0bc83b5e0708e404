import { draftOf, type RuleDraft } from '../../api/rule-draft.ts';
import { ALARM_KINDS, RULE_KINDS, SEVERITIES } from '../../manager/alarms/alarm-kinds.ts';
import type { AlarmRule } from '../../manager/alarms/alarm-rule.ts';
import { choiceField, lengthField, numberField, textField } from './alarm-rule-fields.ts';
import { kindWords } from './alarm-rule-words.ts';
import { alarmWords, serverWords } from './words.ts';

/** What the form does with what a person has entered. */
export interface RuleFormActions {
  /** Resolves with why it was refused; null: it was saved. */
  save(draft: RuleDraft): Promise<string | null>;
  close(): void;
}

/** The form of one rule; `builtIn` are those that came with the pack, from which a new one begins. */
export function alarmRuleForm(
  given: RuleDraft,
  builtIn: readonly AlarmRule[],
  { save, close }: RuleFormActions,
): JQuery {
  const form = $('<div>').addClass('tpedm-rule-form');
  const rows = $('<div>').appendTo(form);
  const fault = $('<div>').addClass('tpedm-fault').attr('role', 'alert');
  const button = (key: string) =>
    $('<button type="button">')
      .addClass('red-ui-button red-ui-button-small')
      .text(serverWords(`rules.${key}`));
  const saving = button('save').addClass('primary tpedm-rule-save');
  let draft = given;
  draw();
  saving.on('click', () => {
    fault.text('');
    saving.prop('disabled', true);
    void save(draft).then((why) => {
      saving.prop('disabled', false);
      if (why !== null) fault.text(why);
    });
  });
  return form.append(fault, saving, ' ', button('cancel').on('click', close));

  function draw(): void {
    rows.empty().append(...rowsOf(draft));
    if (draft.id !== '') return;
    const kinds = choiceField(RULE_KINDS, kindWords, draft.kind, (kind) => {
      const rule = builtIn.find(({ id }) => id === kind);
      if (rule === undefined) return;
      draft = { ...draftOf(rule, true), name: draft.name };
      draw();
      rows.find('select').first().trigger('focus');
    });
    rows.prepend(rowOf('kind', kinds));
  }
}

/** The rows of all but the kind; what is entered is set in the draft. */
function rowsOf(draft: RuleDraft): JQuery[] {
  const { unit, of } = ALARM_KINDS[draft.kind];
  const texts = (
    names: readonly ('name' | 'site' | 'tag' | 'model')[],
    maxlength: number,
    placeholder = '',
  ) =>
    names.map((name) =>
      rowOf(
        name,
        textField(draft[name], { maxlength, placeholder }, (value) => {
          draft[name] = value;
        }),
      ),
    );
  const threshold = (name: 'threshold' | 'clearThreshold', placeholder = '') =>
    rowOf(
      name,
      numberField(draft[name], placeholder, (value) => {
        draft[name] = value;
      }),
      unit ?? undefined,
    );
  const length = (key: string, seconds: number | null, tell: (seconds: number | null) => void) => {
    const placeholder = key === 'repeat' ? serverWords('rules.never') : '0';
    return rowOf(key, lengthField(seconds, { label: serverWords(`rules.${key}`), placeholder }, tell));
  };
  const severity = choiceField(
    SEVERITIES,
    (one) => alarmWords(`severity.${one}`),
    draft.severity,
    (value) => {
      draft.severity = value;
    },
  );
  return [
    ...texts(['name'], 100),
    rowOf('severity', severity),
    ...(unit === null
      ? []
      : [threshold('threshold'), threshold('clearThreshold', serverWords('rules.same'))]),
    length('delay', draft.delaySeconds, (seconds) => {
      draft.delaySeconds = seconds ?? 0;
    }),
    length('clear', draft.clearSeconds, (seconds) => {
      draft.clearSeconds = seconds ?? 0;
    }),
    length('repeat', draft.repeatSeconds, (seconds) => {
      draft.repeatSeconds = seconds;
    }),
    ...(of === 'gateway' ? texts(['site', 'tag', 'model'], 200, serverWords('rules.all')) : []),
  ];
}

function rowOf(key: string, input: JQuery, unit?: string): JQuery {
  const id = `tpe-server-rule-${key}`;
  const label = serverWords(`rules.${key}`);
  const counted = unit === undefined ? label : `${label} (${serverWords(`rules.unit.${unit}`)})`;
  input.filter('input, select').add(input.find('input')).first().attr('id', id);
  return $('<div>')
    .addClass('tpedm-row')
    .append(
      $('<label>').addClass('tpedm-label').attr('for', id).text(counted),
      $('<div>').addClass('tpedm-body').append(input),
    );
}
