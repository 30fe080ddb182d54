"""Words by which people name columns and files, in several languages: a hint beside the content, never a condition."""

from __future__ import annotations

import re
import unicodedata


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NODE_ID = _words(
    "id ids node nodeid node_id key code uid uuid identifier identificador identifiant kennung nummer nr no number "
    "编号 标识 节点 代码 番号 識別子 번호 ид идентификатор код"
)
LABEL_TEXT = _words(
    "name names label title caption bezeichnung titel nom nombre titulo titre nome nachname page_name fullname "
    "名称 姓名 名字 标题 名前 タイトル 氏名 이름 имя название"
)
GRAPH_ID = _words(
    "graph graph_id graphid graph_idx graph_name graphe grafo graf mol mol_id molecule molecule_id compound sample "
    "图 グラフ 그래프 граф"
)
EDGE_SOURCE = _words(
    "source src from start tail sender origin u node1 node_1 id1 id_1 source_id from_id follower citing von quelle "
    "de desde origen origine 源 起点 来源 出发 始点 出発 출발 от источник"
) - {"tail"}
EDGE_TARGET = _words(
    "target dst dest destination to end receiver v node2 node_2 id2 id_2 target_id to_id followee cited nach ziel "
    "a hacia hasta destino cible vers 目标 终点 目的 到达 終点 到着 도착 к цель"
) - {"a"}
EDGE_WEIGHT = _words(
    "weight weights strength w value count gewicht staerke stärke anzahl peso poids 权重 强度 重み 가중치 вес"
)
EDGE_TYPE = _words(
    "type relation relationship kind edge_type edge_label predicate art typ tipo relacion relación beziehung "
    "类型 关系 種類 関係 관계 тип отношение"
)
TIME = _words(
    "time timestamp date datetime day year month zeit datum tag fecha hora temps 时间 日期 時間 日付 시간 время дата"
)
TARGET = _words(
    "target label labels class classes y category outcome klasse zielgröße ziel clase classe etiqueta "
    "标签 类别 分类 ラベル クラス 레이블 класс метка"
)
SPLIT = _words("split splits set fold partition aufteilung 划分 分割 분할")
FOLD = _words("fold folds cv cv_fold faltung pli 折 폴드")
FEATURE_NAME = _words(
    "feature features feature_id attribute word term token merkmal eigenschaft atributo caracteristica característica "
    "caractéristique attribut 特征 属性 特徴 특징 признак"
)
FEATURE_VALUE = _words("value val count wert valor valeur amount weight 值 数值 値 값 значение")

# What a split column may hold. "0" and "1" are left out on purpose: a flag is not yet a split.
TRAIN_WORDS = _words("train training tr trainieren entrenamiento entraînement entrainement 训练 训练集 学習 訓練")
VALID_WORDS = _words("val valid validation validate dev development validierung validacion validación 验证 验证集 検証")
TEST_WORDS = _words("test testing tst prueba essai 测试 测试集 テスト 評価")
UNUSED_WORDS = _words("unused empty none exclude excluded ignore ignored 未使用 未使用的")
SPLIT_WORDS = TRAIN_WORDS | VALID_WORDS | TEST_WORDS | UNUSED_WORDS

NODE_FILES = _words("node nodes people person persons users vertices entities atts attributes knoten 节点")
EDGE_FILES = _words("edge edges links relations graph ties network contacts edgelist kanten 边")
FEATURE_FILES = _words("feature features sparse merkmale 特征")

_PIECES = re.compile(r"[\W_]+", re.UNICODE)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def pieces(name: str) -> set[str]:
    """Return a name as it stands and its single words, in lower case: `Node ID` gives node_id, node and id."""
    plain = unicodedata.normalize("NFKC", name).strip()
    words = [word for word in _PIECES.split(_HUMP.sub(" ", plain).lower()) if word]
    return {plain.lower(), "_".join(words), *words}


def is_named(name: str, words: frozenset[str]) -> bool:
    """Say whether one of the words is in the name."""
    return not words.isdisjoint(pieces(name))


def is_header_word(name: str) -> bool:
    """Say whether the name is one that people give to columns."""
    return any(
        is_named(name, words)
        for words in (NODE_ID, LABEL_TEXT, EDGE_SOURCE, EDGE_TARGET, EDGE_WEIGHT, EDGE_TYPE, TIME, TARGET, SPLIT)
    ) or is_named(name, FEATURE_NAME | {"head", "tail"})
