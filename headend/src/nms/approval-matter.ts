import { commandWords } from '../store/command-words.ts';
import type { Tag } from '../store/store.ts';
import type { Selection } from './selections.ts';

/** What awaits a second operator: commands that are selected, or the removal of this tag of somebody else. */
export type ApprovalMatter =
  | { readonly of: 'commands'; readonly selections: readonly Selection[]; readonly groupId?: string }
  | { readonly of: 'tag-removal'; readonly tag: Tag };

export function devicesOf(matter: ApprovalMatter): readonly string[] {
  return matter.of === 'tag-removal' ? [matter.tag.deviceKey] : matter.selections.map(({ targetKey }) => targetKey);
}

export function matterWords(matter: ApprovalMatter): string {
  if (matter.of === 'tag-removal')
    return `the removal of the tag of ${matter.tag.owner} (${matter.tag.cause}) at ${matter.tag.deviceKey}`;
  const [first] = matter.selections;
  if (first === undefined) return 'nothing';
  const named = devicesOf(matter);
  return `${commandWords(first.kind, first.parameters)} of ${named.slice(0, 20).join(', ')}${named.length > 20 ? ` and ${named.length - 20} more` : ''}`;
}

/** They want the same of the same. */
export function isSameMatter(one: ApprovalMatter, other: ApprovalMatter): boolean {
  if (one.of === 'commands')
    return other.of === 'commands' && one.selections.some(({ id }) => other.selections.some((each) => each.id === id));
  return other.of === 'tag-removal' && one.tag.deviceKey === other.tag.deviceKey;
}
