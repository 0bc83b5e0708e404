/** What the bundled flow has and the running flow lacks, because a person has changed the running one. */
export interface FlowNews {
  /** Version of the pack: `0.2.0`. */
  version: string;
  /** Never empty. */
  brought: readonly BroughtParts[];
}

/** What one of the examples adds. */
export interface BroughtParts {
  /** Name of the example; null if only the bundled flow has these parts. */
  example: string | null;
  /** Names of pages of the dashboard. */
  pages: readonly string[];
  /** Types of nodes, including widgets. */
  nodes: readonly string[];
}
