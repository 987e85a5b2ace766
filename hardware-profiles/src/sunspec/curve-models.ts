// SunSpec model definitions, Apache-2.0, SunSpec Alliance (github.com/sunspec/models), in our own notation.

import { sunspecModel } from './notation.ts';
import type { SunSpecModel } from './notation.ts';

const voltVar = `
  Ena:enum16!; AdptCrvReq:uint16!; AdptCrvRslt:enum16; NPt:uint16; NCrv:uint16; RvrtTms:uint32!::Secs;
  RvrtRem:uint32::Secs; RvrtCrv:uint16!; V_SF:sunssf; DeptRef_SF:sunssf; RspTms_SF:sunssf;
  Crv[NCrv] {
    ActPt:uint16!; DeptRef:enum16!; Pri:enum16!; VRef:uint16!:V_SF:VNomPct; VRefAuto:uint16:V_SF:VNomPct;
    VRefAutoEna:enum16!; VRefAutoTms:uint16!::Secs; RspTms:uint32!:RspTms_SF:Secs; ReadOnly:enum16;
    Pt[NPt] { V:uint16!:V_SF:VNomPct; Var:int16!:DeptRef_SF:DeptRef; }
  }
`;

const voltWatt = `
  Ena:enum16!; AdptCrvReq:uint16!; AdptCrvRslt:enum16; NPt:uint16; NCrv:uint16; RvrtTms:uint32!::Secs;
  RvrtRem:uint32::Secs; RvrtCrv:uint16!; V_SF:sunssf; DeptRef_SF:sunssf; RspTms_SF:sunssf;
  Crv[NCrv] {
    ActPt:uint16!; DeptRef:enum16!; RspTms:uint32!:RspTms_SF:Secs; ReadOnly:enum16;
    Pt[NPt] { V:uint16!:V_SF:VNomPct; W:int16!:DeptRef_SF:DeptRef; }
  }
`;

const voltageTrip = `
  Ena:enum16!; AdptCrvReq:uint16!; AdptCrvRslt:enum16; NPt:uint16; NCrvSet:uint16; V_SF:sunssf; Tms_SF:sunssf;
  Crv[NCrvSet] {
    ReadOnly:enum16;
    MustTrip { ActPt:uint16!; Pt[NPt] { V:uint16!:V_SF:VNomPct; Tms:uint32!:Tms_SF:Secs; } }
    MayTrip { ActPt:uint16!; Pt[NPt] { V:uint16!:V_SF:VNomPct; Tms:uint32!:Tms_SF:Secs; } }
    MomCess { ActPt:uint16!; Pt[NPt] { V:uint16!:V_SF:VNomPct; Tms:uint32!:Tms_SF:Secs; } }
  }
`;

const frequencyTrip = `
  Ena:enum16!; AdptCrvReq:uint16!; AdptCrvRslt:enum16; NPt:uint16; NCrvSet:uint16; Hz_SF:sunssf; Tms_SF:sunssf;
  Crv[NCrvSet] {
    ReadOnly:enum16;
    MustTrip { ActPt:uint16!; Pt[NPt] { Hz:uint32!:Hz_SF:Hz; Tms:uint32!:Tms_SF:Secs; } }
    MayTrip { ActPt:uint16!; Pt[NPt] { Hz:uint32!:Hz_SF:Hz; Tms:uint32!:Tms_SF:Secs; } }
    MomCess { ActPt:uint16!; Pt[NPt] { Hz:uint32!:Hz_SF:Hz; Tms:uint32!:Tms_SF:Secs; } }
  }
`;

const frequencyDroop = `
  Ena:enum16!; AdptCtlReq:uint16!; AdptCtlRslt:enum16; NCtl:uint16; RvrtTms:uint32!::Secs; RvrtRem:uint32::Secs;
  RvrtCtl:uint16!; Db_SF:sunssf; K_SF:sunssf; RspTms_SF:sunssf;
  Ctl[NCtl] {
    DbOf:uint32!:Db_SF:Hz; DbUf:uint32!:Db_SF:Hz; KOf:uint16!:K_SF; KUf:uint16!:K_SF;
    RspTms:uint32!:RspTms_SF:Secs; PMin:int16!::Pct; ReadOnly:enum16;
  }
`;

const wattVar = `
  Ena:enum16!; AdptCrvReq:uint16!; AdptCrvRslt:enum16; NPt:uint16; NCrv:uint16; RvrtTms:uint32!::Secs;
  RvrtRem:uint32::Secs; RvrtCrv:uint16!; W_SF:sunssf; DeptRef_SF:sunssf;
  Crv[NCrv] {
    ActPt:uint16!; DeptRef:enum16!; Pri:enum16!; ReadOnly:enum16;
    Pt[NPt] { W:int16!:W_SF:WMaxPct; Var:int16!:DeptRef_SF:VarPct; }
  }
`;

/** Curves and controls of IEEE 1547-2018: models 705 to 712. Their drafts lie otherwise, so only the published length is believed. */
export const curveModels: readonly SunSpecModel[] = [
  sunspecModel(705, voltVar, []),
  sunspecModel(706, voltWatt, []),
  sunspecModel(707, voltageTrip, []),
  sunspecModel(708, voltageTrip, []),
  sunspecModel(709, frequencyTrip, []),
  sunspecModel(710, frequencyTrip, []),
  sunspecModel(711, frequencyDroop, []),
  sunspecModel(712, wattVar, []),
];
