import type { FromSchema, JSONSchema } from 'json-schema-to-ts';
import type { AuditAction, ToldLater } from '../manager/audit/audited.js';
import type { MqttSettings } from '../manager/broker/gateway-settings.js';
import type { OperationSet } from '../manager/catalogue/operation-set.js';
import type { DeviceManager } from '../manager/device-manager.js';
import type { Role } from '../manager/shared/role.js';
import { parser } from '../manager/shared/validate.js';
import type { Caller } from './caller.js';
import type { Change, Changes } from './changes.js';
import type { Patch } from './patch.js';

/** A request that browsers, the editor or REST can make: it reads something or does something. */
export interface Procedure<Input, Answer> {
  /** The role that the caller needs; null if everybody may call it. */
  role: Role | null;
  /** The role that this input needs, if it can be higher than `role`. */
  roleFor?(manager: DeviceManager, input: Input): Role | Promise<Role>;
  /** JSON Schema of the input. */
  input: object;
  /** Throws INVALID_INPUT for input that is far too large. Called before anything that walks through the whole input. */
  refuseTooLarge?(input: Input): void;
  /** Checks the input. Throws INVALID_INPUT. */
  parse(input: unknown): Input;
  /** Rejects with a TpeError; its message is shown to the person. */
  handler(manager: DeviceManager, input: Input, caller: Caller): Promise<Answer>;
  /** Whether `change` may have changed the answer. Without this function nobody can subscribe to the procedure. */
  invalidatedBy?(change: Change, input: Input): boolean;
  /** How subscribers receive only what has changed. Without it they receive the whole answer again. */
  patches?: Patches<Input, Answer>;
  /** True if the procedure is expensive: one person can run one such procedure at a time, and all people together a few. */
  isCostly?: boolean;
  /** The action for the audit. Left out if the procedure only reads; returns null if it only reads with this input. */
  audit?(input: Input, manager: DeviceManager): AuditAction | null | Promise<AuditAction | null>;
  /** What the audit tells in addition once it is done, such as the id of what was made. */
  auditDone?(answer: Answer): ToldLater;
  /** Set if the procedure can run before a manager is open. Left out if it needs an open manager. */
  needs?: 'catalogue';
}

/** Keeps a page of items up to date for its subscribers at a lower cost than reading the page again. */
export interface Patches<Input, Answer> {
  /** Whether the page may now hold other items or another order. If so, it is read again. */
  isOutdated(changes: Changes, input: Input): boolean;
  /** Returns one patch for each subscriber, in their order. They are handled together so that shared data is read only once. */
  patchesFor(manager: DeviceManager, followed: readonly FollowedPage<Input, Answer>[]): Promise<Patch[]>;
}

/** A page as one subscriber has it. */
export interface FollowedPage<Input, Answer> {
  input: Input;
  last: Answer;
  /** All changes since `last` was read; some may be older. */
  changes: Changes;
}

/** What is available before a manager is open. It is enough to pick an operation and to fill in a command. */
export interface KnownBefore {
  /** The catalogue of the pack. An open manager adds the users' own operations. */
  catalogue: OperationSet;
  mqttSettings(): Pick<MqttSettings, 'inputTopic'>;
}

/** A procedure that needs only the catalogue. It only reads. */
export interface CatalogueProcedure<Input, Answer> extends Procedure<Input, Answer> {
  needs: 'catalogue';
  handler(known: KnownBefore, input: Input): Promise<Answer>;
  roleFor?: never;
  audit?: never;
  auditDone?: never;
}

type InputOf<Schema> = Schema extends JSONSchema ? FromSchema<Schema> : never;

interface Definition<Schema, Answer> extends Omit<Procedure<InputOf<Schema>, Answer>, 'parse' | 'input'> {
  input: Schema;
}

/** Creates a procedure whose `parse` checks the input against the JSON Schema `input`, and throws INVALID_INPUT. */
export function defineProcedure<const Schema extends object, Answer>(
  definition: Definition<Schema, Answer>,
): Procedure<InputOf<Schema>, Answer> {
  return { ...definition, parse: parser<InputOf<Schema>>(definition.input, 'input') };
}

type CatalogueDefinition<Schema, Answer> = Omit<
  CatalogueProcedure<InputOf<Schema>, Answer>,
  'parse' | 'input' | 'needs'
> & { input: Schema };

/** Like `defineProcedure`, for a procedure that can run before a manager is open. */
export function defineCatalogueProcedure<const Schema extends object, Answer>(
  definition: CatalogueDefinition<Schema, Answer>,
): CatalogueProcedure<InputOf<Schema>, Answer> {
  return { ...definition, needs: 'catalogue', parse: parser<InputOf<Schema>>(definition.input, 'input') };
}
