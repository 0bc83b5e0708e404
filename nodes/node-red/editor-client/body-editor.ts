import { exactJson, parseExactJson } from '../../manager/shared/exact-json.ts';
import type { Operation } from './model.ts';
import { schemaForm } from './schema-form.ts';
import { words } from './words.ts';

export interface BodyEditor {
  /** Starts to edit the body `text` of `operation`. */
  show(operation: Operation | null, text: string): void;
  /** The JSON text that the node stores, even if it is not valid yet. */
  text(): string;
  /** The parsed body; undefined if the text is not valid JSON or has a number that cannot be kept exactly. */
  value(): unknown;
  resize(): void;
  close(): void;
}

const FORM = 'tpe-command-body-form';
const JSON_TAB = 'tpe-command-body-json';

/** Shows the body in two tabs, as a form and as JSON text. A change in one appears in the other. Calls `onChange` after each change. With `fills`, values may be placeholders of a job. */
export function bodyEditor(onChange: () => void, fills: boolean): BodyEditor {
  let operation: Operation | null = null;
  let text = '{}';
  let isQuiet = false;
  const form = $(`#${FORM}`);
  const fault = $('#tpe-command-body-fault');
  const editor = RED.editor.createEditor({
    id: 'tpe-command-body-editor',
    mode: 'ace/mode/json',
    value: text,
    stateId: 'tpe-command-body',
  });
  const tabs = RED.tabs.create({
    id: 'tpe-command-body-tabs',
    onchange({ id }) {
      form.toggle(id === FORM);
      $(`#${JSON_TAB}`).toggle(id === JSON_TAB);
      if (id === FORM) showForm();
      else {
        setQuietly(text);
        editor.resize();
      }
    },
  });
  tabs.addTab({ id: FORM, label: words('tab.form') });
  tabs.addTab({ id: JSON_TAB, label: words('tab.json') });

  editor.getSession().on('change', () => {
    if (isQuiet) return;
    text = editor.getValue();
    showFault();
    onChange();
  });

  /** Sets the text without handling it as a change by the person. */
  function setQuietly(next: string): void {
    if (editor.getValue() === next) return;
    isQuiet = true;
    editor.setValue(next);
    isQuiet = false;
  }

  function parsed(): unknown {
    try {
      return text.trim() === '' ? {} : parseExactJson(text);
    } catch {
      return undefined;
    }
  }

  function showFault(): void {
    fault.text(parsed() === undefined ? words('error.json') : '');
  }

  function showForm(): void {
    const value = parsed();
    showFault();
    form.empty();
    if (value === undefined)
      return void $('<div>').addClass('tpedm-fault').text(words('error.json')).appendTo(form);
    if (operation?.bodySchema) {
      schemaForm(form, operation.bodySchema, value, { place: '/requestBody', fills }, (next) => {
        text = exactJson(next, 4);
        onChange();
      });
      return;
    }
    $('<div>').addClass('tpedm-quiet').text(words('label.noSchema')).appendTo(form);
  }

  return {
    show(nextOperation, nextText) {
      operation = nextOperation;
      text = nextText.trim() === '' ? '{}' : nextText;
      setQuietly(text);
      showForm();
      showFault();
    },
    text: () => text,
    value: parsed,
    resize() {
      tabs.resize();
      editor.resize();
    },
    close: () => editor.destroy(),
  };
}
