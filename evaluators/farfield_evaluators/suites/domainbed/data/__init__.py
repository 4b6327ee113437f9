"""DomainBed's data sets (Gulrajani & Lopez-Paz, ICLR 2021, arXiv 2007.01434) as packs."""
