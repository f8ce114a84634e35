/** What a person may tell a held run. `handover`: they take it from here, and the run closes as held. */
export type Answer = 'retry' | 'revert' | 'handover';

/** Pure: what a held run may be told. `revert` is gone once traffic has opened, or an undo has begun. */
export function allowedAnswers(f: { readonly hasOpened: boolean; readonly undoing: boolean }): readonly Answer[] {
  return f.hasOpened || f.undoing ? ['retry', 'handover'] : ['retry', 'revert', 'handover'];
}
