import { FAULT_TEXTS, filledIn } from '../fields/fault-texts.ts';
import type { FieldValues } from '../fields/field.ts';
import { goneFields, newerFormFault, newestForm, newestVersion } from '../fields/migrations.ts';

type Properties = Record<string, object>;

const PACK = '@tpedm/node-red-dashboard-2-tpedm';
const known = new Map<string, Properties>();

/**
 * The properties of a node type with its version: a node that another version of the pack stored is brought to the newest form as
 * soon as the editor has it, and marked where that needs a newer pack.
 */
export function storedForms(type: string, defaults: Properties): Properties {
  const properties = {
    // The editor drops what it does not find here before anybody can read it.
    ...Object.fromEntries(goneFields(type).map((name) => [name, {}])),
    ...defaults,
    version: { value: newestVersion(type), validate: versionCheck(type) },
  };
  known.set(type, properties);
  return properties;
}

/** Two parameters: only such a validator may answer with a text. */
function versionCheck(type: string) {
  return (version: unknown, _options: object): true | string => {
    const found = newerFormFault(type, { version });
    if (found === null) return true;
    const values = { ...found.values };
    const key = `${PACK}/tpe-server:tpe-server.fault.${found.rule}`;
    const text = RED._(key, values);
    return `${type}: ${text === key ? filledIn(FAULT_TEXTS[found.rule], values) : text}`;
  };
}

/** A node that came into the editor: with the flows, by an import, or from the palette. The next deploy writes its newest form. */
function bringUp(node: Record<string, unknown>): void {
  const type = String(node.type);
  const properties = known.get(type);
  if (properties === undefined) return;
  // Nothing changes in a locked flow; what runs reads the old form all the same.
  if (node.z && RED.workspaces.isLocked(node.z)) return;
  const names = Object.keys(properties);
  const stored: FieldValues = Object.fromEntries(
    names.filter((name) => node[name] !== undefined).map((name) => [name, node[name]]),
  );
  const form = newestForm(type, stored);
  if (form === null) return;
  const differing = names.filter((name) => node[name] !== form[name]);
  for (const name of differing) node[name] = form[name];
  // A version alone is nothing that a person would have to deploy.
  if (differing.some((name) => name !== 'version')) node.changed = true;
}

RED.events.on('nodes:add', bringUp);
