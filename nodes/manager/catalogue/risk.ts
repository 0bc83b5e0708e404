/**
 * The risks, from the lowest to the highest: `read` changes nothing, `write` changes settings, `disruptive` interrupts service or
 * has one of the classes below, `destructive` loses data.
 */
export const RISKS = ['read', 'write', 'disruptive', 'destructive'] as const;
export type Risk = (typeof RISKS)[number];

/**
 * What else an operation may do: run code that somebody chose; change who may access the gateway; change where software or data
 * comes from or goes to; lose data or evidence; cut the gateway's own MQTT connection; move field equipment or cut the bus to it.
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

/** Combines ratings: the highest risk and all classes. With any class, the risk is `disruptive` at least. */
export function highest(ratings: Iterable<Rating>): Rating {
  let rank = 0;
  const found = new Set<RiskClass>();
  for (const { risk, classes } of ratings) {
    rank = Math.max(rank, RISKS.indexOf(risk), classes.length > 0 ? RISKS.indexOf('disruptive') : 0);
    for (const one of classes) found.add(one);
  }
  return { risk: RISKS[rank] ?? 'destructive', classes: RISK_CLASSES.filter((one) => found.has(one)) };
}

/** Whether `one` goes beyond `other`: by a higher risk, or by a class that `other` does not have. */
export function exceeds(one: Rating, other: Rating): boolean {
  return (
    RISKS.indexOf(one.risk) > RISKS.indexOf(other.risk) ||
    one.classes.some((each) => !other.classes.includes(each))
  );
}

/** Whether a person has to confirm a request with this rating. */
export function needsConfirmation({ risk }: Pick<Rating, 'risk'>): boolean {
  return RISKS.indexOf(risk) >= RISKS.indexOf('disruptive');
}

/**
 * The signs to show for a rating, the most important first. `disruptive` is left out where the rating has classes, and none of
 * them interrupts service: then the classes say more.
 */
export function signsOf({ risk, classes }: Rating): (Risk | RiskClass)[] {
  if (risk === 'destructive') return [risk, ...classes.filter((one) => one !== 'loses-data')];
  const interrupts = classes.length === 0 || classes.some((one) => INTERRUPTING.has(one));
  return risk === 'disruptive' && !interrupts ? [...classes] : [risk, ...classes];
}

const INTERRUPTING: ReadonlySet<RiskClass> = new Set(['cuts-mqtt', 'moves-equipment']);

/** Two of the classes as the flags that operations had before there were classes. */
export function flagsOf(classes: readonly RiskClass[]): { mayCutMqtt: boolean; actuates: boolean } {
  return { mayCutMqtt: classes.includes('cuts-mqtt'), actuates: classes.includes('moves-equipment') };
}
