import type { Vector } from "./vector.ts";

/** Vectors of `istio.v1.auth`. */
export const AUTH_VECTORS: readonly Vector[] = [
  {
    message: "istio.v1.auth.IstioCertificateRequest",
    what: "on behalf of a workload",
    value: {
      csr: "PEM",
      validity_duration: 86400,
      metadata: {
        fields: { ImpersonatedIdentity: { string_value: "spiffe://cluster.local/ns/shop/sa/cart" } },
      },
    },
    hex: [
      "0a0350454d1880a30522420a400a14496d706572736f6e617465644964656e7469747912281a267370696666653a2f2f",
      "636c75737465722e6c6f63616c2f6e732f73686f702f73612f63617274",
    ],
  },
  {
    message: "istio.v1.auth.IstioCertificateRequest",
    what: "every kind of metadata value",
    value: {
      csr: "PEM",
      validity_duration: 5000000000,
      metadata: {
        fields: {
          a: { null_value: 0 },
          b: { number_value: 1.5 },
          c: { string_value: "s" },
          d: { bool_value: true },
          e: { struct_value: { fields: { f: { bool_value: true } } } },
          g: { list_value: { values: [{ string_value: "h" }] } },
        },
      },
    },
    hex: [
      "0a0350454d1880e497d012224c0a070a0161120208000a0e0a0162120911000000000000f83f0a080a016312031a0173",
      "0a070a0164120220010a100a0165120b2a090a070a0166120220010a0c0a0167120732050a031a0168",
    ],
  },
  {
    message: "istio.v1.auth.IstioCertificateResponse",
    what: "leaf and roots",
    value: { cert_chain: ["leaf", "roots"] },
    hex: ["0a046c6561660a05726f6f7473"],
  },
];
