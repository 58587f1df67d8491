// Who answers: the board itself, or whatever stands before it.
export const ANSWER_WITHIN_MS = 8000;

// Whether an answer is the board's own: a proxy before it answers too, and a network that wants a log-in of its own.
export function ours(answer) { return answer.headers.has("eropaf-board"); }

// Ask whose session this is, and by which token.
export function session() {
  return fetch("/session", { cache: "no-store", signal: AbortSignal.timeout(ANSWER_WITHIN_MS), headers: { accept: "application/json" } });
}

// Whether the board answers and has pages to show, also that one must log in first.
export async function answers() {
  try {
    const answer = await session();
    return ours(answer) && answer.status < 500;
  } catch {
    return false;
  }
}
