import { useId } from 'react';
import type { ButtonHTMLAttributes, JSX } from 'react';
import type { Verdict } from '@tiepoint/protocol';

/** Why it may not be done; nothing where it may. A disabled button names it by `id`, so that a screen reader tells both. */
export function WhyNot({ may, id }: { may: Verdict; id?: string }): JSX.Element | null {
  if (may.ok) return null;
  return (
    <p id={id} className="small why-not">
      {may.say}
    </p>
  );
}

type Props = ButtonHTMLAttributes<HTMLButtonElement> & {
  may: Verdict;
  /** The text that tells why, where several buttons share one. */
  whyId?: string;
};

/** A button that is disabled where its deed is not allowed, and says why. */
export function AllowedButton({ may, whyId, disabled, children, ...button }: Props): JSX.Element {
  const ownId = useId();
  return (
    <>
      <button
        {...button}
        type="button"
        disabled={!may.ok || disabled === true}
        aria-describedby={may.ok ? undefined : (whyId ?? ownId)}
      >
        {children}
      </button>
      {whyId === undefined && <WhyNot may={may} id={ownId} />}
    </>
  );
}
