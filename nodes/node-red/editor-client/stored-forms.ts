import { FAULT_TEXTS, filledIn } from '../fields/fault-texts.ts';
import type { FieldValues } from '../fields/field.ts';
import { goneFields, newerFormFault, newestForm, newestVersion } from '../fields/migrations.ts';

type Properties = Record<string, object>;

const PACK = '@tpedm/node-red-dashboard-2-tpedm';
const known = new Map<string, Properties>();

/**
 * Returns the properties of a node type with its version. From then on the editor converts nodes that an older version of the pack stored
 * as soon as they are loaded, and marks nodes that a newer version stored.
 */
export function storedForms(type: string, defaults: Properties): Properties {
  const properties = {
    // The editor drops properties that are not listed here before they can be converted.
    ...Object.fromEntries(goneFields(type).map((name) => [name, {}])),
    ...defaults,
    version: { value: newestVersion(type), validate: versionCheck(type) },
  };
  known.set(type, properties);
  return properties;
}

/** Creates the validator of the version. It has two parameters because the editor shows texts only of such validators. */
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

/** Converts a node that was loaded, imported or added to the newest form. The next deploy stores that form. */
function bringUp(node: Record<string, unknown>): void {
  const type = String(node.type);
  const properties = known.get(type);
  if (properties === undefined) return;
  // Nodes of a locked flow must not change. The runtime can still read the old form.
  if (node.z && RED.workspaces.isLocked(node.z)) return;
  const names = Object.keys(properties);
  const stored: FieldValues = Object.fromEntries(
    names.filter((name) => node[name] !== undefined).map((name) => [name, node[name]]),
  );
  const form = newestForm(type, stored);
  if (form === null) return;
  const differing = names.filter((name) => node[name] !== form[name]);
  for (const name of differing) node[name] = form[name];
  // If only the version differs, the person does not have to deploy.
  if (differing.some((name) => name !== 'version')) node.changed = true;
}

RED.events.on('nodes:add', bringUp);
