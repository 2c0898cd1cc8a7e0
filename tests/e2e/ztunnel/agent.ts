import { istio } from "@ambit/contract/gen/ambit.js";
import { SeqpacketServer, type SeqpacketConnection } from "@ambit/io/seqpacket.ts";

const { WorkloadRequest, WorkloadResponse, ZdsHello } = istio.workload.zds;

/** The node agent's end of ZDS for one node, as far as a proxy sees it. */
export class ScriptedAgent {
  readonly #waiting: ((connection: SeqpacketConnection) => void)[] = [];
  #connection: SeqpacketConnection | undefined;
  readonly #greeted = new WeakSet<SeqpacketConnection>();
  #answers: ((error: string) => void)[] = [];

  constructor(path: string) {
    const server = new SeqpacketServer(path, () => ({
      onMessage: (connection, bytes) => this.#onMessage(connection, bytes),
      onEnd: () => undefined,
    }));
    process.once("exit", () => server.close());
  }

  /** Resolves when a proxy has said hello. */
  async connected(): Promise<void> {
    if (this.#connection !== undefined) return;
    await new Promise<SeqpacketConnection>((resolve) => this.#waiting.push(resolve));
  }

  /** The next proxy to say hello is another one. */
  forget(): void {
    this.#connection = undefined;
  }

  /** Resolves with the proxy's answer: empty when the pod is served. */
  add(uid: string, name: string, serviceAccount: string, namespaceFd: number): Promise<string> {
    const workloadInfo = { name, namespace: "default", serviceAccount };
    return this.#ask({ add: { uid, workloadInfo } }, [namespaceFd]);
  }

  snapshotSent(): Promise<string> {
    return this.#ask({ snapshotSent: {} }, []);
  }

  remove(uid: string): Promise<string> {
    return this.#ask({ del: { uid } }, []);
  }

  #ask(
    request: istio.workload.zds.WorkloadRequest.$Properties,
    descriptors: readonly number[],
  ): Promise<string> {
    return new Promise((resolve) => {
      this.#answers.push(resolve);
      this.#connection?.send(WorkloadRequest.encode(request).finish(), descriptors);
    });
  }

  #onMessage(connection: SeqpacketConnection, bytes: Uint8Array): void {
    if (!this.#greeted.has(connection)) {
      this.#greeted.add(connection);
      const hello = ZdsHello.decode(bytes);
      if (hello.version !== 1) throw new Error(`the proxy speaks version ${hello.version}`);
      this.#connection = connection;
      this.#answers = [];
      for (const wake of this.#waiting.splice(0)) wake(connection);
      return;
    }
    this.#answers.shift()?.(WorkloadResponse.decode(bytes).ack?.error ?? "");
  }
}
