// One thing after the other. Knows nothing of the editor, so that it can be tried without one.

/** What is to be done begins when what came before is done, whichever way that ended. */
export class Turns {
  private last: Promise<void> = Promise.resolve();

  public take(action: () => Promise<void>): Promise<void> {
    const turn = this.last.then(action);
    this.last = turn.catch(() => undefined);
    return turn;
  }
}
