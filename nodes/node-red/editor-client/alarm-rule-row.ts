import type { AlarmRule } from '../../manager/alarms/alarm-rule.ts';
import { clearedWords, kindWords, onlyWords, raisedWords, ruleWords } from './alarm-rule-words.ts';
import { alarmWords, serverWords, words } from './words.ts';

/** The columns of the table of rules, by their words; a column without a title with what can be done follows. */
export const RULE_COLUMNS = ['on', 'rule', 'severity', 'raised', 'cleared'] as const;

/** What a person does with a row; `row` is where something is shown below. */
export interface RowActions {
  turn(row: JQuery, tick: JQuery): void;
  change(row: JQuery): void;
  remove(row: JQuery): void;
}

/** A button with a text of the rules. Who may not write sees why it does nothing. */
export function textButton(icon: string, key: string, act: () => void, mayWrite = true): JQuery {
  return $('<button type="button">')
    .addClass('red-ui-button red-ui-button-small')
    .append($('<i>').addClass(`fa ${icon}`), $('<span>').text(` ${serverWords(`rules.${key}`)}`))
    .prop('disabled', !mayWrite)
    .attr('title', mayWrite ? '' : words('error.permission'))
    .on('click', act);
}

/** The row of a rule in the table. */
export function alarmRuleRow(
  rule: AlarmRule,
  mayWrite: boolean,
  { turn, change, remove }: RowActions,
): JQuery {
  const quiet = (text: string) => $('<div>').addClass('tpedm-quiet').text(text);
  const tick = $('<input type="checkbox">')
    .addClass('tpedm-rule-on')
    .prop({ checked: rule.enabled, disabled: !mayWrite })
    .attr('aria-label', `${serverWords('rules.on')}: ${ruleWords(rule)}`)
    .on('change', () => turn(row, tick));
  const row = $('<tr>').attr('data-rule', rule.id);
  const acts = $('<td>').addClass('tpedm-rule-acts');
  if (mayWrite) acts.append(iconButton('fa-pencil', 'change', rule, () => change(row)));
  if (mayWrite && !rule.isBuiltIn)
    acts.append(
      ' ',
      iconButton('fa-trash', 'remove', rule, () => remove(row)),
    );
  return row.append(
    $('<td>').append(tick),
    $('<td>').append(
      $('<div>').text(ruleWords(rule)),
      rule.name === '' ? '' : quiet(kindWords(rule.kind)),
      ...onlyWords(rule).map(quiet),
    ),
    $('<td>').text(alarmWords(`severity.${rule.severity}`)),
    $('<td>').append(...raisedWords(rule).map((line) => $('<div>').text(line))),
    $('<td>').text(clearedWords(rule)),
    acts,
  );
}

function iconButton(icon: string, key: 'change' | 'remove', rule: AlarmRule, act: () => void): JQuery {
  const label = serverWords(`rules.${key}`);
  return $('<button type="button">')
    .addClass(`red-ui-button red-ui-button-small tpedm-rule-${key}`)
    .attr({ title: label, 'aria-label': `${label}: ${ruleWords(rule)}` })
    .append($('<i>').addClass(`fa ${icon}`))
    .on('click', act);
}
