import { blankBody } from '../../manager/catalogue/form-schema.ts';
import { type BodyEditor, bodyEditor } from './body-editor.ts';
import { call, lastOf } from './calls.ts';
import { type Checked, showChecked } from './command-check.ts';
import {
  type CommandState,
  checkedRequest,
  filledRequest,
  isOfPlaceholder,
  selectedBy,
  selectedServer,
  unknownValues,
} from './command-request.ts';
import { loadFaultWords } from './fault-words.ts';
import type { Operation, ParamValue, ShortOperation } from './model.ts';
import { operationPicker } from './operation-picker.ts';
import { operationSummary } from './operation-summary.ts';
import { paramsForm } from './params-form.ts';
import { loadTaskWords } from './task-words.ts';
import { tryIt } from './try-it.ts';

/** The properties of a tpe-command or tpe-job that hold its command. */
export interface CommandNode {
  operation?: string;
  type?: string;
  params?: ParamValue[];
  path?: string;
  requestBody?: string;
  requestBodyType?: string;
}

export interface CommandForm {
  /** Writes the values of the form into the inputs that Node-RED reads, and into `node`. */
  save(node: CommandNode): void;
  /** The command as the editor's routes take it. */
  request(): Record<string, unknown>;
  /** JSON Pointers of its values that only a message brings. */
  unknown(): string[];
  resize(): void;
  close(): void;
}

const CHECK_AFTER_MS = 250;
/** The actions of tpe-command and tpe-job that use the command. */
const WITH_COMMAND = ['', 'send', 'start', 'preview', 'create'];

/**
 * Sets up the form of tpe-command and tpe-job: the command with its values, a preview of the message, and, where the form has one, the trial
 * on a gateway.
 */
export function commandForm(node: CommandNode): CommandForm {
  const state: CommandState = {
    operation: null,
    operationId: node.operation ?? '',
    params: [...(node.params ?? [])],
    fills: node.type === 'tpe-job',
  };
  const bodyValue = () => body.value();
  const runCheck = async () => {
    const checked = await call<Checked>('tpe/check', checkedRequest(state, bodyValue));
    return { ...checked, faults: checked.faults.filter((fault) => !isOfPlaceholder(state, fault)) };
  };
  const check = lastOf(CHECK_AFTER_MS, runCheck, showChecked);
  const body = bodyEditor(check, state.fills);
  const pick = createPick({ node, state, body, check });
  const picker = operationPicker((id) => void pick(id, true));
  $('#tpe-command-picker').append(picker.element);
  const trial = tryIt(selectedServer, async () => {
    const { risk, classes } = await runCheck();
    return {
      request: filledRequest(state, bodyValue),
      risk,
      classes,
      unknown: unknownValues(state, bodyValue),
    };
  });

  function showBy(): void {
    const by = selectedBy();
    $('.tpe-command-by-path').toggle(by === 'path');
    $('.tpe-command-by-operation').toggle(by === 'operation');
    if (by !== 'operation') {
      state.operation = null;
      body.show(null, body.text());
    } else if (state.operation === null && state.operationId !== '')
      return void pick(state.operationId, false);
    showOperation(state, check);
    check();
  }

  function showBodyKind(): void {
    const kind = $('#tpe-command-body-kind').val();
    $('.tpe-command-body-value').toggle(kind === 'value');
    $('.tpe-command-body-json').toggle(kind === 'json');
    body.resize();
    check();
  }

  async function fillPicker(): Promise<void> {
    const request = call<{ operations: ShortOperation[] }>('tpe/operations', { server: selectedServer() });
    const [answer] = await Promise.all([
      request.catch(() => null),
      loadTaskWords(selectedServer()),
      loadFaultWords(selectedServer()),
    ]);
    check();
    if (answer !== null) picker.fill(answer.operations);
  }

  $('#tpe-command-by').val(firstBy(node)).on('change', showBy);
  $('#tpe-command-body-kind')
    .val(node.requestBodyType === 'json' ? 'json' : 'value')
    .on('change', showBodyKind);
  onButtons(state, body, check);
  $('#node-input-path, #node-input-method, #node-input-check, #node-input-clientid, #node-input-targets').on(
    'change',
    check,
  );
  $('#node-input-server').on('change', () => void fillPicker());
  body.show(null, bodyTextOf(node));
  showBodyKind();
  showBy();
  void fillPicker();

  return {
    save: (saved) => save(saved, state, body),
    request: () => filledRequest(state, bodyValue),
    unknown: () => unknownValues(state, bodyValue),
    resize: () => body.resize(),
    close() {
      trial.close();
      body.close();
    },
  };
}

interface PickOptions {
  node: CommandNode;
  state: CommandState;
  body: BodyEditor;
  check(): void;
}

/** Creates the function that shows an operation. `isNew` is true if the user has just picked it: all values are blank then. */
function createPick({ node, state, body, check }: PickOptions) {
  let suggested: string | null = null;

  /** Does not replace a name that the user has entered. */
  function suggestName(): void {
    const name = $('#node-input-name');
    if (state.operation === null || (name.val() !== '' && name.val() !== suggested)) return;
    suggested = state.operation.name;
    name.val(suggested);
  }

  return async (id: string, isNew: boolean): Promise<void> => {
    state.operationId = id;
    const request = call<Operation>('tpe/operation', { server: selectedServer(), id });
    state.operation = await request.catch(() => null);
    if (isNew) {
      suggestName();
      state.params = [];
      showBlank(state, body);
    } else body.show(state.operation, bodyTextOf(node));
    showOperation(state, check);
    check();
  };
}

/** What nobody has chosen is blank: a flow would send an example of the catalogue to real gateways. */
function showBlank({ operation }: CommandState, body: BodyEditor): void {
  const schema = operation?.bodySchema ?? null;
  $('#tpe-command-body-kind').val('json').trigger('change');
  body.show(operation, JSON.stringify(schema === null ? {} : blankBody(schema), null, 4));
}

function showExample({ operation }: CommandState, body: BodyEditor): void {
  $('#tpe-command-body-kind').val('json').trigger('change');
  body.show(operation, JSON.stringify(operation?.bodyExample ?? {}, null, 4));
}

/** Updates the parts of the form that depend on the picked operation. */
function showOperation(state: CommandState, check: () => void): void {
  const { operation, operationId } = state;
  const by = selectedBy();
  const isPicked = operationId !== '';
  $('#tpe-command-picker').toggle(by === 'operation' && !isPicked);
  $('#tpe-command-picked').toggle(by === 'operation' && isPicked);
  const hasTarget = by === 'path' || (by === 'operation' && isPicked);
  const takesBody = by === 'path' || (operation?.bodySchema ?? null) !== null;
  $('.tpe-command-filled').toggle(hasTarget);
  $('.tpe-command-body').toggle(hasTarget && takesBody);
  $('#tpe-command-example').toggle(operation !== null && operation.bodyExample !== null);
  const summary = isPicked ? operationSummary(operation, operationId) : [];
  $('#tpe-command-summary')
    .empty()
    .append(...summary);
  const holder = $('#tpe-command-params').empty();
  if (operation === null) return;
  paramsForm(holder, operation, [...state.params], (values) => {
    state.params = values;
    check();
  });
}

function onButtons(state: CommandState, body: BodyEditor, check: () => void): void {
  $('#tpe-command-change').on('click', () => {
    state.operationId = '';
    state.operation = null;
    showOperation(state, check);
    $('#tpe-command-search').trigger('focus');
  });
  $('#tpe-command-example').on('click', () => {
    showExample(state, body);
    check();
  });
  $('#tpe-command-copy').on('click', () => {
    void navigator.clipboard?.writeText($('#tpe-command-preview').text());
  });
}

function save(saved: CommandNode, { operationId, params }: CommandState, body: BodyEditor): void {
  const by = selectedBy();
  // For other actions, tpe-command has the same input for the operation that it describes or removes.
  const usesCommand = WITH_COMMAND.includes(String($('#node-input-action').val() ?? ''));
  if (usesCommand) $('#node-input-operation').val(by === 'operation' ? operationId : '');
  saved.params = by === 'operation' ? params.filter(({ value }) => value !== '') : [];
  if (by !== 'path') $('#node-input-path').typedInput('value', '');
  if ($('#tpe-command-body-kind').val() !== 'json') return;
  const input = $('#node-input-requestBody');
  input.typedInput('type', 'json');
  input.typedInput('value', body.text());
}

function bodyTextOf({ requestBody, requestBodyType }: CommandNode): string {
  return requestBodyType === 'json' ? (requestBody ?? '{}') : '{}';
}

/** How a stored node defines its command. A node that was just added starts with the catalogue. */
function firstBy({ operation, path, requestBody, requestBodyType }: CommandNode): string {
  if (operation) return 'operation';
  if (path) return 'path';
  const isNew = requestBodyType === 'msg' && requestBody === 'requestBody';
  return isNew ? 'operation' : 'message';
}
