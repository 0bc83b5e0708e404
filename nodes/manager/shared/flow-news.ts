/** What the flow that comes with the pack has, and the one that runs lacks, because a person has changed it. */
export interface FlowNews {
  /** Of the pack: `0.2.0`. */
  version: string;
  /** Never empty. */
  brought: readonly BroughtParts[];
}

/** What one of the examples brings. */
export interface BroughtParts {
  /** Its name among the examples; null: none has it, but the bundled flow itself. */
  example: string | null;
  /** Names of pages of the dashboard. */
  pages: readonly string[];
  /** Types of nodes, widgets among them. */
  nodes: readonly string[];
}
