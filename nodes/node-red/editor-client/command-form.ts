import { type Rating, signsOf } from '../../manager/catalogue/risk.ts';
import { bodyEditor } from './body-editor.ts';
import { call, lastOf } from './calls.ts';
import { copiedId } from './copied-id.ts';
import { type Fault, type Operation, type ParamValue, type ShortOperation, unknownPlaces } from './model.ts';
import { operationPicker, riskBadge } from './operation-picker.ts';
import { paramsForm } from './params-form.ts';
import { tryIt } from './try-it.ts';
import { words } from './words.ts';

/** What the node keeps of a command. */
export interface CommandNode {
  operation?: string;
  params?: ParamValue[];
  path?: string;
  requestBody?: string;
  requestBodyType?: string;
}

export interface CommandForm {
  /** What was filled in, into the node's own fields and into `node`. */
  save(node: CommandNode): void;
  resize(): void;
  close(): void;
}

interface Checked extends Rating {
  faults: Fault[];
  message: { topic: string; payload: string } | null;
}

type By = 'operation' | 'path' | 'message';

const CHECK_AFTER_MS = 250;

/** Brings the form of tpe-command to life: what to ask for, with what, what goes over the wire, and a trial. */
export function commandForm(node: CommandNode): CommandForm {
  let operation: Operation | null = null;
  let operationId = node.operation ?? '';
  let params: ParamValue[] = [...(node.params ?? [])];
  let suggested: string | null = null;
  const by = $('#tpe-command-by');
  const bodyKind = $('#tpe-command-body-kind');
  const server = () => String($('#node-input-server').val() ?? '');

  const check = lastOf(CHECK_AFTER_MS, () => call<Checked>('tpe/check', checkRequest()), showChecked);
  const body = bodyEditor(check);
  const picker = operationPicker((id) => void pick(id, true));
  $('#tpe-command-picker').append(picker.element);
  const trial = tryIt(server, async () => {
    const { risk, classes } = await call<Checked>('tpe/check', checkRequest());
    return { request: request(), risk, classes, unknown: unknown() };
  });

  function chosen(): By {
    return by.val() as By;
  }

  function hasBody(): boolean {
    return chosen() !== 'message' && bodyKind.val() === 'json';
  }

  /** What is filled in, as the routes take it. */
  function request(): Record<string, unknown> {
    const what =
      chosen() === 'operation'
        ? { operation: operationId, params: fixedParams() }
        : {
            path: String($('#node-input-path').val() ?? ''),
            method: String($('#node-input-method').val() || 'GET'),
          };
    return { ...what, ...(hasBody() ? { requestBody: body.value() } : {}), check: checkOf() };
  }

  function checkOf(): string | undefined {
    return String($('#node-input-check').val() ?? '') || undefined;
  }

  function fixedParams(): Record<string, string> {
    const fixed = params.filter(({ type, value }) => type === 'str' && value !== '');
    return Object.fromEntries(fixed.map(({ name, value }) => [name, value]));
  }

  /** Values that only a message brings: what they are cannot be checked here. */
  function unknown(): string[] {
    const ofParams = params.filter(({ type, value }) => type !== 'str' && value !== '');
    const ofBody = hasBody() ? unknownPlaces(body.value(), '/requestBody') : ['/requestBody'];
    const isNeeded = operation === null || operation.bodySchema !== null;
    return [...ofParams.map(({ name }) => `/params/${name}`), ...(isNeeded ? ofBody : [])];
  }

  function checkRequest(): Record<string, unknown> {
    const clientid =
      $('#node-input-clientid').typedInput('type') === 'str' ? $('#node-input-clientid').val() : '';
    const blank = (operation?.parameters ?? [])
      .filter(({ name }) => !params.some((param) => param.name === name && param.value !== ''))
      .map(({ name }) => `/params/${name}`);
    return { server: server(), clientid, ...request(), skip: [...unknown(), ...blank] };
  }

  function showChecked(checked: Checked): void {
    showFaults(checked.faults);
    const { message } = checked;
    $('#tpe-command-preview').text(
      message === null ? words('label.noPreview') : `${message.topic}\n${message.payload}`,
    );
  }

  /** Each at its field; what has none is told below. */
  function showFaults(faults: readonly Fault[]): void {
    $('.tpedm-row > .tpedm-body > .tpedm-fault').text('');
    $('.tpedm-row').removeClass('tpedm-faulty');
    const others: string[] = [];
    for (const fault of faults) {
      const place = `/${fault.in}${fault.path}`;
      const row = $('.tpedm-row').filter((_index, element) => element.dataset.place === place);
      const words = row.children('.tpedm-body').children('.tpedm-fault');
      if (row.length === 0 || words.length === 0 || fault.path === '') {
        others.push(fault.text);
        continue;
      }
      row.addClass('tpedm-faulty');
      words.text(fault.text);
    }
    const summary = faults.length === 0 ? '' : words('label.faults', { count: faults.length });
    $('#tpe-command-faults')
      .empty()
      .append($('<div>').text(summary), ...others.map((text) => $('<div>').text(text)));
  }

  async function pick(id: string, isNew: boolean): Promise<void> {
    operationId = id;
    operation = await call<Operation>('tpe/operation', { server: server(), id }).catch(() => null);
    if (isNew) {
      suggestName();
      params = [];
      const example = operation?.bodyExample ?? {};
      bodyKind.val('json').trigger('change');
      body.show(operation, JSON.stringify(example, null, 4));
    } else body.show(operation, bodyText());
    showOperation();
    check();
  }

  /** A name that the user gave is kept. */
  function suggestName(): void {
    const name = $('#node-input-name');
    if (operation === null || (name.val() !== '' && name.val() !== suggested)) return;
    suggested = operation.name;
    name.val(suggested);
  }

  function showOperation(): void {
    const isPicked = operationId !== '';
    $('#tpe-command-picker').toggle(chosen() === 'operation' && !isPicked);
    $('#tpe-command-picked').toggle(chosen() === 'operation' && isPicked);
    const isAsked = chosen() === 'path' || (chosen() === 'operation' && isPicked);
    const takesBody = chosen() === 'path' || (operation?.bodySchema ?? null) !== null;
    $('.tpe-command-filled').toggle(isAsked);
    $('.tpe-command-body').toggle(isAsked && takesBody);
    const summary = $('#tpe-command-summary').empty();
    const holder = $('#tpe-command-params').empty();
    $('#tpe-command-example').toggle(operation !== null && operation.bodyExample !== null);
    if (operation === null) {
      if (isPicked)
        summary.append(
          $('<div>')
            .addClass('tpedm-fault')
            .text(words('error.unknownOperation', { id: operationId })),
        );
      return;
    }
    $('<div>').addClass('tpedm-title').text(operation.name).append(riskBadge(operation)).appendTo(summary);
    $('<div>')
      .append($('<code>').text(`${operation.method} ${operation.path}`))
      .appendTo(summary);
    $('<div>')
      .append(
        $('<span>')
          .addClass('tpedm-quiet')
          .text(`${words('label.operationId')}: `),
        copiedId(operation.id),
      )
      .appendTo(summary);
    const { risk } = operation;
    const notes = signsOf(operation).map((sign) =>
      words(sign === risk ? `riskMeans.${sign}` : `riskClass.${sign}`),
    );
    if (operation.refusedBecause !== null)
      notes.push(words('label.refused', { reason: operation.refusedBecause }));
    for (const note of notes) $('<div>').text(note).appendTo(summary);
    if (operation.models.length > 0) {
      $('<div>')
        .addClass('tpedm-quiet')
        .text(words('label.models', { models: operation.models.join(', ') }))
        .appendTo(summary);
    }
    paramsForm(holder, operation, params, (values) => {
      params = values;
      check();
    });
  }

  function bodyText(): string {
    return node.requestBodyType === 'json' ? (node.requestBody ?? '{}') : '{}';
  }

  function showBy(): void {
    $('.tpe-command-by-path').toggle(chosen() === 'path');
    $('.tpe-command-by-operation').toggle(chosen() === 'operation');
    if (chosen() !== 'operation') {
      operation = null;
      body.show(null, body.text());
    } else if (operation === null && operationId !== '') return void pick(operationId, false);
    showOperation();
    check();
  }

  async function fill(): Promise<void> {
    const answer = await call<{ operations: ShortOperation[] }>('tpe/operations', { server: server() }).catch(
      () => null,
    );
    if (answer !== null) picker.fill(answer.operations);
  }

  by.val(node.operation ? 'operation' : node.path ? 'path' : 'message');
  if (isNewNode(node)) by.val('operation');
  bodyKind.val(node.requestBodyType === 'json' ? 'json' : 'value');
  const showKind = () => {
    $('.tpe-command-body-value').toggle(bodyKind.val() === 'value');
    $('.tpe-command-body-json').toggle(bodyKind.val() === 'json');
    body.resize();
    check();
  };
  bodyKind.on('change', showKind);
  by.on('change', showBy);
  $('#tpe-command-change').on('click', () => {
    operationId = '';
    operation = null;
    showOperation();
    $('#tpe-command-search').trigger('focus');
  });
  $('#tpe-command-example').on('click', () => {
    bodyKind.val('json').trigger('change');
    body.show(operation, JSON.stringify(operation?.bodyExample ?? {}, null, 4));
    check();
  });
  $('#tpe-command-copy').on('click', () => {
    void navigator.clipboard?.writeText($('#tpe-command-preview').text());
  });
  $('#node-input-path, #node-input-method, #node-input-check, #node-input-clientid').on('change', check);
  $('#node-input-server').on('change', () => void fill());
  body.show(null, bodyText());
  showKind();
  showBy();
  void fill();

  return {
    save(saved) {
      const isByOperation = chosen() === 'operation';
      const sends = ['send', ''].includes(String($('#node-input-action').val() ?? ''));
      if (sends) $('#node-input-operation').val(isByOperation ? operationId : '');
      saved.params = isByOperation ? params.filter(({ value }) => value !== '') : [];
      if (chosen() !== 'path') $('#node-input-path').typedInput('value', '');
      if (bodyKind.val() === 'json') {
        const input = $('#node-input-requestBody');
        input.typedInput('type', 'json');
        input.typedInput('value', body.text());
      }
    },
    resize: () => body.resize(),
    close() {
      trial.close();
      body.close();
    },
  };
}

/** A node just dropped is there to be filled in. */
function isNewNode({ operation, path, requestBody, requestBodyType }: CommandNode): boolean {
  return !operation && !path && requestBodyType === 'msg' && requestBody === 'requestBody';
}
