import { draftOf, type RuleDraft, ruleOf } from '../../api/rule-draft.ts';
import type { AlarmRule } from '../../manager/alarms/alarm-rule.ts';
import { alarmRuleForm } from './alarm-rule-form.ts';
import { alarmRuleRow, RULE_COLUMNS, textButton } from './alarm-rule-row.ts';
import { CallError, call } from './calls.ts';
import { serverWords } from './words.ts';

/**
 * Fills the part of tpe-server's form for the rules of alarms. They are those of the running manager, and changed at once: nothing of it is
 * stored in the node.
 */
export function alarmRules(holder: JQuery, server: string): void {
  const mayWrite = RED.user.hasPermission('tpe.write');
  const fault = $('<div>').addClass('tpedm-fault').attr('role', 'alert');
  const body = $('<tbody>');
  const table = tableOf(body).hide();
  const adding = textButton('fa-plus', 'add', () => open(null), mayWrite).hide();
  const created = $('<div>');
  let rules: AlarmRule[] = [];
  holder
    .empty()
    .append(
      $('<div>').addClass('tpedm-quiet').text(serverWords('rules.what')),
      fault,
      table,
      created,
      $('<div>').addClass('tpedm-rules-add').append(adding),
    );

  async function refresh(): Promise<void> {
    const answer = await ask<{ rules: AlarmRule[] }>('tpe/alarms/rules', {});
    if (answer instanceof CallError) {
      // Only a server that is not there conflicts with being asked.
      fault.text(answer.code === 'CONFLICT' ? serverWords('rules.notDeployed') : answer.message);
      return;
    }
    rules = answer.rules;
    fault.text('');
    created.empty();
    body.empty().append(...rules.map(rowOf));
    table.show();
    adding.show();
  }

  const rowOf = (rule: AlarmRule) =>
    alarmRuleRow(rule, mayWrite, {
      turn: (row, tick) => void turn(rule, row, tick),
      change: (row) => open(rule, row),
      remove: (row) => confirm(rule, row),
    });

  /** Changes its row alone: a form that is open below another one has what a person is about to enter. */
  async function turn(rule: AlarmRule, row: JQuery, tick: JQuery): Promise<void> {
    const wanted = ruleOf({ ...draftOf(rule), enabled: tick.prop('checked') === true }, []);
    tick.prop('disabled', true);
    const answer = await ask<AlarmRule>('tpe/alarms/rule', wanted);
    const isRefused = answer instanceof CallError;
    fault.text(isRefused ? answer.message : '');
    const now = isRefused ? rule : answer;
    rules = rules.map((one) => (one.id === now.id ? now : one));
    row.replaceWith(rowOf(now));
  }

  /** Opens the form of a rule below its row; null: of a new one, below the table. One form is open at a time. */
  function open(rule: AlarmRule | null, row?: JQuery): void {
    const first = rule ?? rules[0];
    if (first === undefined) return;
    closeForms();
    const builtIn = rules.filter(({ isBuiltIn }) => isBuiltIn);
    const form = alarmRuleForm(draftOf(first, rule === null), builtIn, { save: set, close: closeForms });
    if (row === undefined) created.append(form);
    else below(row, form);
    form.find('input, select').first().trigger('focus');
  }

  function confirm(rule: AlarmRule, row: JQuery): void {
    closeForms();
    const sure = textButton('fa-trash', 'remove', () => void remove(rule.id)).addClass('tpedm-rule-sure');
    const asked = $('<div>').append(
      $('<div>').addClass('tpedm-warning').text(serverWords('rules.removeAsk')),
      sure,
      ' ',
      textButton('fa-times', 'cancel', closeForms),
    );
    below(row, asked);
    sure.trigger('focus');
  }

  function below(row: JQuery, content: JQuery): void {
    const cell = $('<td>')
      .attr('colspan', RULE_COLUMNS.length + 1)
      .append(content);
    $('<tr>').addClass('tpedm-rule-below').append(cell).insertAfter(row);
  }

  function closeForms(): void {
    created.empty();
    body.find('.tpedm-rule-below').remove();
  }

  async function set(draft: RuleDraft): Promise<string | null> {
    const ids = rules.map(({ id }) => id);
    const answer = await ask('tpe/alarms/rule', ruleOf(draft, ids));
    if (answer instanceof CallError) return answer.message;
    await refresh();
    return null;
  }

  async function remove(id: string): Promise<void> {
    const answer = await ask('tpe/alarms/rule/remove', { id });
    if (answer instanceof CallError) fault.text(answer.message);
    else await refresh();
  }

  async function ask<Answer>(route: string, given: object): Promise<Answer | CallError> {
    try {
      return await call<Answer>(route, { server, ...given });
    } catch (error) {
      return error instanceof CallError ? error : new CallError(String(error), 'ERROR');
    }
  }

  void refresh();
}

function tableOf(body: JQuery): JQuery {
  const titles = RULE_COLUMNS.map((key) => $('<th scope="col">').text(serverWords(`rules.${key}`)));
  return $('<table>')
    .addClass('tpedm-rules')
    .append($('<thead>').append($('<tr>').append(...titles, $('<th>'))), body);
}
