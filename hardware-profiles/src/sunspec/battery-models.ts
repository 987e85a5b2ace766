// SunSpec model definitions, Apache-2.0, SunSpec Alliance (github.com/sunspec/models), in our own notation.

import { sunspecModel } from './notation.ts';
import type { SunSpecModel } from './notation.ts';

const storage = `
  DEPRECATED:enum16;
`;

const battery = `
  AHRtg:uint16:AHRtg_SF:Ah; WHRtg:uint16:WHRtg_SF:Wh; WChaRteMax:uint16:WChaDisChaMax_SF:W;
  WDisChaRteMax:uint16:WChaDisChaMax_SF:W; DisChaRte:uint16:DisChaRte_SF:%WHRtg; SoCMax:uint16:SoC_SF:%WHRtg;
  SoCMin:uint16:SoC_SF:%WHRtg; SocRsvMax:uint16!:SoC_SF:%WHRtg; SoCRsvMin:uint16!:SoC_SF:%WHRtg;
  SoC:uint16:SoC_SF:%WHRtg; DoD:uint16:DoD_SF:%; SoH:uint16:SoH_SF:%; NCyc:uint32; ChaSt:enum16; LocRemCtl:enum16;
  Hb:uint16; CtrlHb:uint16!; AlmRst:uint16!; Typ:enum16; State:enum16; StateVnd:enum16; WarrDt:uint32;
  Evt1:bitfield32; Evt2:bitfield32; EvtVnd1:bitfield32; EvtVnd2:bitfield32; V:uint16:V_SF:V; VMax:uint16:V_SF:V;
  VMin:uint16:V_SF:V; CellVMax:uint16:CellV_SF:V; CellVMaxStr:uint16; CellVMaxMod:uint16;
  CellVMin:uint16:CellV_SF:V; CellVMinStr:uint16; CellVMinMod:uint16; CellVAvg:uint16:CellV_SF:V; A:int16:A_SF:A;
  AChaMax:uint16:AMax_SF:A; ADisChaMax:uint16:AMax_SF:A; W:int16:W_SF:W; ReqInvState:enum16; ReqW:int16:W_SF:W;
  SetOp:enum16!; SetInvState:enum16!; AHRtg_SF:sunssf; WHRtg_SF:sunssf; WChaDisChaMax_SF:sunssf;
  DisChaRte_SF:sunssf; SoC_SF:sunssf; DoD_SF:sunssf; SoH_SF:sunssf; V_SF:sunssf; CellV_SF:sunssf; A_SF:sunssf;
  AMax_SF:sunssf; W_SF:sunssf;
`;

const lithiumIonBank = `
  NStr:uint16; NStrCon:uint16; ModTmpMax:int16:ModTmp_SF:C; ModTmpMaxStr:uint16; ModTmpMaxMod:uint16;
  ModTmpMin:int16:ModTmp_SF:C; ModTmpMinStr:uint16; ModTmpMinMod:uint16; ModTmpAvg:int16:ModTmp_SF:C;
  StrVMax:uint16:V_SF:V; StrVMaxStr:uint16; StrVMin:uint16:V_SF:V; StrVMinStr:uint16; StrVAvg:uint16:V_SF:V;
  StrAMax:int16:A_SF:A; StrAMaxStr:uint16; StrAMin:int16:A_SF:A; StrAMinStr:uint16; StrAAvg:int16:A_SF:A;
  NCellBal:uint16; CellV_SF:sunssf; ModTmp_SF:sunssf; A_SF:sunssf; SoH_SF:sunssf; SoC_SF:sunssf; V_SF:sunssf;
  string[NStr] {
    StrNMod:uint16; StrSt:bitfield32; StrConFail:enum16; StrSoC:uint16:SoC_SF:%; StrSoH:uint16:SoH_SF:%;
    StrA:int16:A_SF:A; StrCellVMax:uint16:CellV_SF:V; StrCellVMaxMod:uint16; StrCellVMin:uint16:CellV_SF:V;
    StrCellVMinMod:uint16; StrCellVAvg:uint16:CellV_SF:V; StrModTmpMax:int16:ModTmp_SF:C; StrModTmpMaxMod:uint16;
    StrModTmpMin:int16:ModTmp_SF:C; StrModTmpMinMod:uint16; StrModTmpAvg:int16:ModTmp_SF:C; StrDisRsn:enum16;
    StrConSt:bitfield32; StrEvt1:bitfield32; StrEvt2:bitfield32; StrEvtVnd1:bitfield32; StrEvtVnd2:bitfield32;
    StrSetEna:enum16!; StrSetCon:enum16!; Pad1:pad; Pad2:pad;
  }
`;

/** Batteries: the base model, the bank of lithium-ion strings, and 801, which they replaced and which says nothing any more. */
export const batteryModels: readonly SunSpecModel[] = [
  sunspecModel(801, storage),
  sunspecModel(802, battery),
  sunspecModel(803, lithiumIonBank),
];
