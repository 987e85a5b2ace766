// SunSpec model definitions, Apache-2.0, SunSpec Alliance (github.com/sunspec/models), in our own notation.

import { sunspecModel } from './notation.ts';
import type { SunSpecModel } from './notation.ts';

const measurement = `
  ACType:enum16; St:enum16; InvSt:enum16; ConnSt:enum16; Alrm:bitfield32; DERMode:bitfield32; W:int16:W_SF:W;
  VA:int16:VA_SF:VA; Var:int16:Var_SF:Var; PF:int16:PF_SF; A:int16:A_SF:A; LLV:uint16:V_SF:V; LNV:uint16:V_SF:V;
  Hz:uint32:Hz_SF:Hz; TotWhInj:uint64:TotWh_SF:Wh; TotWhAbs:uint64:TotWh_SF:Wh; TotVarhInj:uint64:TotVarh_SF:Varh;
  TotVarhAbs:uint64:TotVarh_SF:Varh; TmpAmb:int16:Tmp_SF:C; TmpCab:int16:Tmp_SF:C; TmpSnk:int16:Tmp_SF:C;
  TmpTrns:int16:Tmp_SF:C; TmpSw:int16:Tmp_SF:C; TmpOt:int16:Tmp_SF:C; WL1:int16:W_SF:W; VAL1:int16:VA_SF:VA;
  VarL1:int16:Var_SF:Var; PFL1:int16:PF_SF; AL1:int16:A_SF:A; VL1L2:uint16:V_SF:V; VL1:uint16:V_SF:V;
  TotWhInjL1:uint64:TotWh_SF:Wh; TotWhAbsL1:uint64:TotWh_SF:Wh; TotVarhInjL1:uint64:TotVarh_SF:Varh;
  TotVarhAbsL1:uint64:TotVarh_SF:Varh; WL2:int16:W_SF:W; VAL2:int16:VA_SF:VA; VarL2:int16:Var_SF:Var;
  PFL2:int16:PF_SF; AL2:int16:A_SF:A; VL2L3:uint16:V_SF:V; VL2:uint16:V_SF:V; TotWhInjL2:uint64:TotWh_SF:Wh;
  TotWhAbsL2:uint64:TotWh_SF:Wh; TotVarhInjL2:uint64:TotVarh_SF:Varh; TotVarhAbsL2:uint64:TotVarh_SF:Varh;
  WL3:int16:W_SF:W; VAL3:int16:VA_SF:VA; VarL3:int16:Var_SF:Var; PFL3:int16:PF_SF; AL3:int16:A_SF:A;
  VL3L1:uint16:V_SF:V; VL3:uint16:V_SF:V; TotWhInjL3:uint64:TotWh_SF:Wh; TotWhAbsL3:uint64:TotWh_SF:Wh;
  TotVarhInjL3:uint64:TotVarh_SF:Varh; TotVarhAbsL3:uint64:TotVarh_SF:Varh; ThrotPct:uint16::Pct;
  ThrotSrc:bitfield32; A_SF:sunssf; V_SF:sunssf; Hz_SF:sunssf; W_SF:sunssf; PF_SF:sunssf; VA_SF:sunssf;
  Var_SF:sunssf; TotWh_SF:sunssf; TotVarh_SF:sunssf; Tmp_SF:sunssf; MnAlrmInfo:string32
`;

const capacity = `
  WMaxRtg:uint16:W_SF:W; WOvrExtRtg:uint16:W_SF:W; WOvrExtRtgPF:uint16:PF_SF; WUndExtRtg:uint16:W_SF:W;
  WUndExtRtgPF:uint16:PF_SF; VAMaxRtg:uint16:VA_SF:VA; VarMaxInjRtg:uint16:Var_SF:Var;
  VarMaxAbsRtg:uint16:Var_SF:Var; WChaRteMaxRtg:uint16:W_SF:W; WDisChaRteMaxRtg:uint16:W_SF:W;
  VAChaRteMaxRtg:uint16:VA_SF:VA; VADisChaRteMaxRtg:uint16:VA_SF:VA; VNomRtg:uint16:V_SF:V; VMaxRtg:uint16:V_SF:V;
  VMinRtg:uint16:V_SF:V; AMaxRtg:uint16:A_SF:A; PFOvrExtRtg:uint16:PF_SF; PFUndExtRtg:uint16:PF_SF;
  ReactSusceptRtg:uint16:S_SF:S; NorOpCatRtg:enum16; AbnOpCatRtg:enum16; CtrlModes:bitfield32;
  IntIslandCatRtg:bitfield16; WMax:uint16!:W_SF:W; WMaxOvrExt:uint16!:W_SF:W; WOvrExtPF:uint16!:PF_SF;
  WMaxUndExt:uint16!:W_SF:W; WUndExtPF:uint16!:PF_SF; VAMax:uint16!:VA_SF:VA; VarMaxInj:uint16!:Var_SF:Var;
  VarMaxAbs:uint16!:Var_SF:Var; WChaRteMax:uint16!:W_SF:W; WDisChaRteMax:uint16!:W_SF:W;
  VAChaRteMax:uint16!:VA_SF:VA; VADisChaRteMax:uint16!:VA_SF:VA; VNom:uint16!:V_SF:V; VMax:uint16!:V_SF:V;
  VMin:uint16!:V_SF:V; AMax:uint16!:A_SF:A; PFOvrExt:uint16!:PF_SF; PFUndExt:uint16!:PF_SF;
  IntIslandCat:bitfield16!; W_SF:sunssf; PF_SF:sunssf; VA_SF:sunssf; Var_SF:sunssf; V_SF:sunssf; A_SF:sunssf;
  S_SF:sunssf
`;

const enterService = `
  ES:enum16!; ESVHi:uint16!:V_SF:Pct; ESVLo:uint16!:V_SF:Pct; ESHzHi:uint32!:Hz_SF:Hz; ESHzLo:uint32!:Hz_SF:Hz;
  ESDlyTms:uint32!::Secs; ESRndTms:uint32!::Secs; ESRmpTms:uint32!::Secs; ESDlyRemTms:uint32::Secs; V_SF:sunssf;
  Hz_SF:sunssf
`;

const controlAc = `
  PFWInjEna:enum16!; PFWInjEnaRvrt:enum16!; PFWInjRvrtTms:uint32!::Secs; PFWInjRvrtRem:uint32::Secs;
  PFWAbsEna:enum16!; PFWAbsEnaRvrt:enum16!; PFWAbsRvrtTms:uint32!::Secs; PFWAbsRvrtRem:uint32::Secs;
  WMaxLimPctEna:enum16!; WMaxLimPct:uint16!:WMaxLimPct_SF:Pct; WMaxLimPctRvrt:uint16!:WMaxLimPct_SF:Pct;
  WMaxLimPctEnaRvrt:enum16!; WMaxLimPctRvrtTms:uint32!::Secs; WMaxLimPctRvrtRem:uint32::Secs; WSetEna:enum16!;
  WSetMod:enum16!; WSet:int32!:WSet_SF:W; WSetRvrt:int32!:WSet_SF:W; WSetPct:int16!:WSetPct_SF:Pct;
  WSetPctRvrt:int16!:WSetPct_SF:Pct; WSetEnaRvrt:enum16!; WSetRvrtTms:uint32!::Secs; WSetRvrtRem:uint32::Secs;
  VarSetEna:enum16!; VarSetMod:enum16!; VarSetPri:enum16!; VarSet:int32!:VarSet_SF:Var;
  VarSetRvrt:int32!:VarSet_SF:Var; VarSetPct:int16!:VarSetPct_SF:Pct; VarSetPctRvrt:int16!:VarSetPct_SF:Pct;
  VarSetEnaRvrt:enum16!; VarSetRvrtTms:uint32!::Secs; VarSetRvrtRem:uint32::Secs; WRmp:uint16!::%Max/Sec;
  WRmpRef:enum16!; VarRmp:uint16!::%Max/Sec; AntiIslEna:enum16!; PF_SF:sunssf; WMaxLimPct_SF:sunssf; WSet_SF:sunssf;
  WSetPct_SF:sunssf; VarSet_SF:sunssf; VarSetPct_SF:sunssf; PFWInj { PF:uint16!:PF_SF; Ext:enum16!; }
  PFWInjRvrt { PF:uint16!:PF_SF; Ext:enum16!; }
  PFWAbs { PF:uint16!:PF_SF; Ext:enum16!; }
  PFWAbsRvrt { PF:uint16!:PF_SF; Ext:enum16!; }
`;

const storageCapacity = `
  WHRtg:uint16:WH_SF:WH; WHAvail:uint16:WH_SF:WH; SoC:uint16:Pct_SF:Pct; SoH:uint16:Pct_SF:Pct; Sta:enum16;
  WH_SF:sunssf; Pct_SF:sunssf
`;

const derControl = `
  LocRemCtl:enum16; DERHb:uint32; ControllerHb:uint32!; AlarmReset:uint16!; OpCtl:enum16!
`;

const measurementDc = `
  PrtAlrms:bitfield32; NPrt:uint16; DCA:int16:DCA_SF:A; DCW:int16:DCW_SF:W; DCWhInj:uint64:DCWH_SF:Wh;
  DCWhAbs:uint64:DCWH_SF:Wh; DCA_SF:sunssf; DCV_SF:sunssf; DCW_SF:sunssf; DCWH_SF:sunssf; Tmp_SF:sunssf;
  Prt[NPrt] {
    PrtTyp:enum16; ID:uint16; IDStr:string8; DCA:int16:DCA_SF:A; DCV:uint16:DCV_SF:V; DCW:int16:DCW_SF:W;
    DCWhInj:uint64:DCWH_SF:Wh; DCWhAbs:uint64:DCWH_SF:Wh; Tmp:int16:Tmp_SF:C; DCSta:enum16; DCAlrm:bitfield32;
  }
`;

/**
 * The family of IEEE 1547-2018, but for its curves. Drafts with the same ids lie otherwise (a 713 of 18 registers is what became 714),
 * so of other lengths only those are believed that are known to be this layout without its end: 701 without the text of the manufacturer's
 * alarm, 713 without the scale factor of its percentages.
 */
export const derModels: readonly SunSpecModel[] = [
  sunspecModel(701, measurement, [121]),
  sunspecModel(702, capacity, []),
  sunspecModel(703, enterService, []),
  sunspecModel(704, controlAc, []),
  sunspecModel(713, storageCapacity, [6]),
  sunspecModel(714, measurementDc, []),
  sunspecModel(715, derControl, []),
];
