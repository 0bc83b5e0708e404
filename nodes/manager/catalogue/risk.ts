/**
 * `read` changes nothing, `write` changes settings, `disruptive` interrupts service or is of a class below, `destructive`
 * loses data. From the least to the most.
 */
export const RISKS = ['read', 'write', 'disruptive', 'destructive'] as const;
export type Risk = (typeof RISKS)[number];

/**
 * What an operation may do, besides: run code that somebody chose, change who may enter the gateway, change where software
 * or data comes from or goes to, lose data or evidence, cut the gateway's own MQTT connection, move field equipment or cut
 * the bus to it.
 */
export const RISK_CLASSES = [
  'runs-code',
  'changes-access',
  'changes-source',
  'loses-data',
  'cuts-mqtt',
  'moves-equipment',
] as const;
export type RiskClass = (typeof RISK_CLASSES)[number];

/** The risk and the classes of an operation, or of a request. */
export interface Rating {
  risk: Risk;
  /** In the order of RISK_CLASSES. */
  classes: RiskClass[];
}

/** What holds of all of them together: the highest risk, and each class; with any class, `disruptive` at least. */
export function highest(ratings: Iterable<Rating>): Rating {
  let rank = 0;
  const found = new Set<RiskClass>();
  for (const { risk, classes } of ratings) {
    rank = Math.max(rank, RISKS.indexOf(risk), classes.length > 0 ? RISKS.indexOf('disruptive') : 0);
    for (const one of classes) found.add(one);
  }
  return { risk: RISKS[rank] ?? 'destructive', classes: RISK_CLASSES.filter((one) => found.has(one)) };
}

/** Whether the one may do anything that the other one does not say. */
export function exceeds(one: Rating, other: Rating): boolean {
  return (
    RISKS.indexOf(one.risk) > RISKS.indexOf(other.risk) ||
    one.classes.some((each) => !other.classes.includes(each))
  );
}

/** Whether a person has to confirm it. */
export function needsConfirmation({ risk }: Pick<Rating, 'risk'>): boolean {
  return RISKS.indexOf(risk) >= RISKS.indexOf('disruptive');
}

/**
 * What to show of it, the most telling first. That it is disruptive goes without saying where it is so by its classes alone,
 * and none of them interrupts service.
 */
export function signsOf({ risk, classes }: Rating): (Risk | RiskClass)[] {
  if (risk === 'destructive') return [risk, ...classes.filter((one) => one !== 'loses-data')];
  const interrupts = classes.length === 0 || classes.some((one) => INTERRUPTING.has(one));
  return risk === 'disruptive' && !interrupts ? [...classes] : [risk, ...classes];
}

const INTERRUPTING: ReadonlySet<RiskClass> = new Set(['cuts-mqtt', 'moves-equipment']);

/** What two of the classes say, as operations had it before there were classes. */
export function flagsOf(classes: readonly RiskClass[]): { mayCutMqtt: boolean; actuates: boolean } {
  return { mayCutMqtt: classes.includes('cuts-mqtt'), actuates: classes.includes('moves-equipment') };
}
