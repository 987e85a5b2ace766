import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { parseYaml, pathText, whyUnread } from '../../io/located-yaml.ts';
import { orderedRatings } from './nameplate.ts';

const reasons = z.record(z.string(), z.string().min(3, 'is too short for a reason')).default({});
const date = z.string().max(40);

const answers = z.strictObject({
  site: z.string().max(200).optional(),
  technician: z.strictObject({ name: z.string().min(1).max(120), organisation: z.string().max(300).optional() }),
  instrument: z
    .strictObject({
      name: z.string().min(1).max(120),
      serialNumber: z.string().max(300).optional(),
      calibratedOn: date.optional(),
      accuracyPct: z.number().min(0).max(20),
    })
    .optional(),
  /** Items whose warning was read and agreed to, by their id. Nothing moves that is not here. */
  consent: z.array(z.string()).default([]),
  /** Items that are left out, and why. */
  skip: reasons,
  /** Differences that are accepted, by item, and why. */
  accept: reasons,
  /** What the instrument shows, by device and point. */
  readings: z.record(z.string(), z.record(z.string(), z.number())).default({}),
  clamps: z
    .record(
      z.string(),
      z.strictObject({
        A: z.number().min(0).optional(),
        B: z.number().min(0).optional(),
        C: z.number().min(0).optional(),
        direction: z.enum(['import', 'export']),
        ratio: z
          .string()
          .regex(/^\d+:\d+$/, 'is no ratio such as 200:5')
          .optional(),
      }),
    )
    .default({}),
  /** Serial numbers read from plates, by device. */
  plates: z.record(z.string(), z.string().max(120)).default({}),
  /** Ratings read from plates, by device. */
  ratings: z
    .record(z.string(), z.partialRecord(z.enum(orderedRatings.map(({ name }) => name)), z.number()))
    .default({}),
});
export type Answers = z.output<typeof answers>;

/** Answers for a run without a person. `errors`: a line for each thing that is wrong, with file, line and place. */
export function readAnswers(path: string): { ok: true; answers: Answers } | { ok: false; errors: readonly string[] } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return {
      ok: false,
      errors: [`${path}: ${whyUnread(error)}`],
    };
  }
  const document = parseYaml(text, path);
  if (!document.ok) return document;
  const parsed = answers.safeParse(document.value ?? {});
  if (parsed.success) return { ok: true, answers: parsed.data };
  return {
    ok: false,
    errors: parsed.error.issues.map(
      (issue) => `${path}:${document.lineOf(issue.path)}  ${pathText(issue.path)}: ${issue.message}`,
    ),
  };
}
