// SunSpec model definitions, Apache-2.0, SunSpec Alliance (github.com/sunspec/models), in our own notation.

import { sunspecModel } from './notation.ts';
import type { SunSpecModel } from './notation.ts';

const common = `
  Mn:string16; Md:string16; Opt:string8; Vr:string8; SN:string16; DA:uint16!; Pad:pad
`;

const inverter = `
  A:uint16:A_SF:A; AphA:uint16:A_SF:A; AphB:uint16:A_SF:A; AphC:uint16:A_SF:A; A_SF:sunssf; PPVphAB:uint16:V_SF:V;
  PPVphBC:uint16:V_SF:V; PPVphCA:uint16:V_SF:V; PhVphA:uint16:V_SF:V; PhVphB:uint16:V_SF:V; PhVphC:uint16:V_SF:V;
  V_SF:sunssf; W:int16:W_SF:W; W_SF:sunssf; Hz:uint16:Hz_SF:Hz; Hz_SF:sunssf; VA:int16:VA_SF:VA; VA_SF:sunssf;
  VAr:int16:VAr_SF:var; VAr_SF:sunssf; PF:int16:PF_SF:Pct; PF_SF:sunssf; WH:acc32:WH_SF:Wh; WH_SF:sunssf;
  DCA:uint16:DCA_SF:A; DCA_SF:sunssf; DCV:uint16:DCV_SF:V; DCV_SF:sunssf; DCW:int16:DCW_SF:W; DCW_SF:sunssf;
  TmpCab:int16:Tmp_SF:C; TmpSnk:int16:Tmp_SF:C; TmpTrns:int16:Tmp_SF:C; TmpOt:int16:Tmp_SF:C; Tmp_SF:sunssf;
  St:enum16; StVnd:enum16; Evt1:bitfield32; Evt2:bitfield32; EvtVnd1:bitfield32; EvtVnd2:bitfield32;
  EvtVnd3:bitfield32; EvtVnd4:bitfield32
`;

const inverterFloat = `
  A:float32::A; AphA:float32::A; AphB:float32::A; AphC:float32::A; PPVphAB:float32::V; PPVphBC:float32::V;
  PPVphCA:float32::V; PhVphA:float32::V; PhVphB:float32::V; PhVphC:float32::V; W:float32::W; Hz:float32::Hz;
  VA:float32::VA; VAr:float32::var; PF:float32::Pct; WH:float32::Wh; DCA:float32::A; DCV:float32::V; DCW:float32::W;
  TmpCab:float32::C; TmpSnk:float32::C; TmpTrns:float32::C; TmpOt:float32::C; St:enum16; StVnd:enum16;
  Evt1:bitfield32; Evt2:bitfield32; EvtVnd1:bitfield32; EvtVnd2:bitfield32; EvtVnd3:bitfield32; EvtVnd4:bitfield32
`;

const nameplate = `
  DERTyp:enum16; WRtg:uint16:WRtg_SF:W; WRtg_SF:sunssf; VARtg:uint16:VARtg_SF:VA; VARtg_SF:sunssf;
  VArRtgQ1:int16:VArRtg_SF:var; VArRtgQ2:int16:VArRtg_SF:var; VArRtgQ3:int16:VArRtg_SF:var;
  VArRtgQ4:int16:VArRtg_SF:var; VArRtg_SF:sunssf; ARtg:uint16:ARtg_SF:A; ARtg_SF:sunssf;
  PFRtgQ1:int16:PFRtg_SF:cos(); PFRtgQ2:int16:PFRtg_SF:cos(); PFRtgQ3:int16:PFRtg_SF:cos();
  PFRtgQ4:int16:PFRtg_SF:cos(); PFRtg_SF:sunssf; WHRtg:uint16:WHRtg_SF:Wh; WHRtg_SF:sunssf;
  AhrRtg:uint16:AhrRtg_SF:AH; AhrRtg_SF:sunssf; MaxChaRte:uint16:MaxChaRte_SF:W; MaxChaRte_SF:sunssf;
  MaxDisChaRte:uint16:MaxDisChaRte_SF:W; MaxDisChaRte_SF:sunssf; Pad:pad
`;

const settings = `
  WMax:uint16!:WMax_SF:W; VRef:uint16!:VRef_SF:V; VRefOfs:int16!:VRefOfs_SF:V; VMax:uint16!:VMinMax_SF:V;
  VMin:uint16!:VMinMax_SF:V; VAMax:uint16!:VAMax_SF:VA; VArMaxQ1:int16!:VArMax_SF:var;
  VArMaxQ2:int16!:VArMax_SF:var; VArMaxQ3:int16!:VArMax_SF:var; VArMaxQ4:int16!:VArMax_SF:var;
  WGra:uint16!:WGra_SF:% WMax/sec; PFMinQ1:int16!:PFMin_SF:cos(); PFMinQ2:int16!:PFMin_SF:cos();
  PFMinQ3:int16!:PFMin_SF:cos(); PFMinQ4:int16!:PFMin_SF:cos(); VArAct:enum16!; ClcTotVA:enum16!;
  MaxRmpRte:uint16!:MaxRmpRte_SF:% WGra; ECPNomHz:uint16!:ECPNomHz_SF:Hz; ConnPh:enum16!; WMax_SF:sunssf;
  VRef_SF:sunssf; VRefOfs_SF:sunssf; VMinMax_SF:sunssf; VAMax_SF:sunssf; VArMax_SF:sunssf; WGra_SF:sunssf;
  PFMin_SF:sunssf; MaxRmpRte_SF:sunssf; ECPNomHz_SF:sunssf
`;

const status = `
  PVConn:bitfield16; StorConn:bitfield16; ECPConn:bitfield16; ActWh:acc64::Wh; ActVAh:acc64::VAh;
  ActVArhQ1:acc64::varh; ActVArhQ2:acc64::varh; ActVArhQ3:acc64::varh; ActVArhQ4:acc64::varh;
  VArAval:int16:VArAval_SF:var; VArAval_SF:sunssf; WAval:uint16:WAval_SF:var; WAval_SF:sunssf;
  StSetLimMsk:bitfield32; StActCtl:bitfield32; TmSrc:string4; Tms:uint32::Secs; RtSt:bitfield16;
  Ris:uint16:Ris_SF:ohms; Ris_SF:sunssf
`;

const controls = `
  Conn_WinTms:uint16!::Secs; Conn_RvrtTms:uint16!::Secs; Conn:enum16!; WMaxLimPct:uint16!:WMaxLimPct_SF:% WMax;
  WMaxLimPct_WinTms:uint16!::Secs; WMaxLimPct_RvrtTms:uint16!::Secs; WMaxLimPct_RmpTms:uint16!::Secs;
  WMaxLim_Ena:enum16!; OutPFSet:int16!:OutPFSet_SF:cos(); OutPFSet_WinTms:uint16!::Secs;
  OutPFSet_RvrtTms:uint16!::Secs; OutPFSet_RmpTms:uint16!::Secs; OutPFSet_Ena:enum16!; VArWMaxPct:int16!:VArPct_SF:%
  WMax; VArMaxPct:int16!:VArPct_SF:% VArMax; VArAvalPct:int16!:VArPct_SF:% VArAval; VArPct_WinTms:uint16!::Secs;
  VArPct_RvrtTms:uint16!::Secs; VArPct_RmpTms:uint16!::Secs; VArPct_Mod:enum16!; VArPct_Ena:enum16!;
  WMaxLimPct_SF:sunssf; OutPFSet_SF:sunssf; VArPct_SF:sunssf
`;

const storage = `
  WChaMax:uint16!:WChaMax_SF:W; WChaGra:uint16!:WChaDisChaGra_SF:% WChaMax/sec;
  WDisChaGra:uint16!:WChaDisChaGra_SF:% WChaMax/sec; StorCtl_Mod:bitfield16!; VAChaMax:uint16!:VAChaMax_SF:VA;
  MinRsvPct:uint16!:MinRsvPct_SF:% WChaMax; ChaState:uint16:ChaState_SF:% AhrRtg; StorAval:uint16:StorAval_SF:AH;
  InBatV:uint16:InBatV_SF:V; ChaSt:enum16; OutWRte:int16!:InOutWRte_SF:% WDisChaMax; InWRte:int16!:InOutWRte_SF:%
  WChaMax; InOutWRte_WinTms:uint16!::Secs; InOutWRte_RvrtTms:uint16!::Secs; InOutWRte_RmpTms:uint16!::Secs;
  ChaGriSet:enum16!; WChaMax_SF:sunssf; WChaDisChaGra_SF:sunssf; VAChaMax_SF:sunssf; MinRsvPct_SF:sunssf;
  ChaState_SF:sunssf; StorAval_SF:sunssf; InBatV_SF:sunssf; InOutWRte_SF:sunssf
`;

const strings = `
  DCA_SF:sunssf; DCV_SF:sunssf; DCW_SF:sunssf; DCWH_SF:sunssf; Evt:bitfield32; N:count; TmsPer:uint16;
  module[] {
    ID:uint16; IDStr:string8; DCA:uint16:DCA_SF:A; DCV:uint16:DCV_SF:V; DCW:uint16:DCW_SF:W;
    DCWH:acc32:DCWH_SF:Wh; Tms:uint32::Secs; Tmp:int16::C; DCSt:enum16; DCEvt:bitfield32;
  }
`;

/** The common model and the legacy 1xx family: inverters in integer and float form, nameplate, settings, status, controls, storage, and the inputs of a multiple-MPPT inverter. */
export const inverterModels: readonly SunSpecModel[] = [
  sunspecModel(1, common),
  sunspecModel(101, inverter),
  sunspecModel(102, inverter),
  sunspecModel(103, inverter),
  sunspecModel(111, inverterFloat),
  sunspecModel(112, inverterFloat),
  sunspecModel(113, inverterFloat),
  sunspecModel(120, nameplate),
  sunspecModel(121, settings),
  sunspecModel(122, status),
  sunspecModel(123, controls),
  sunspecModel(124, storage),
  sunspecModel(160, strings),
];
